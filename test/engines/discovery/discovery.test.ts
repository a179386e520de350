import { expect, test } from "vitest";
import { Discovery } from "../../../src/engines/discovery/discovery.ts";
import type { Found, Search, Sink } from "../../../src/engines/discovery/search.ts";
import { labelsFrom, labelValue } from "../../../src/signals/labels.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { discoverySurroundings } from "../../support/discovery.ts";
import { FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";

/** A discovery at work, and what it handed on: `source=address,address` of each group. */
function start(search: Search, { disk = new FaultyDisk(new ModelDisk()), emptyGrace = 2, identity = "same" } = {}) {
  const sets: string[] = [];
  const refusal: { error?: Error } = {};
  const surroundings = discoverySurroundings((groups) => {
    if (refusal.error !== undefined) throw refusal.error;
    sets.push(groups.map(show).join(" "));
  });
  const stop = new AbortController();
  const discovery = new Discovery(search, { emptyGrace, identity, disk }, surroundings);
  const ended = discovery.run(stop.signal);
  async function end() {
    stop.abort();
    await ended;
    expect(surroundings.world.clock.pending).toBe(0);
  }
  return { discovery, sets, refusal, disk, end, ...surroundings, surroundings, clock: surroundings.world.clock };
}

function show({ source, targets }: TargetGroup): string {
  return `${source}=${targets.map(({ labels }) => labelValue(labels, "__address__"))}`;
}

/** `a=1,2` is a source with two addresses. */
function group(text: string): TargetGroup {
  const [source = "", addresses = ""] = text.split("=");
  const list = addresses.split(",").filter((address) => address !== "");
  return { source, targets: list.map((address) => ({ labels: labelsFrom({ __address__: address }) })) };
}

const groups = (...texts: string[]) => texts.map(group);

/** Answers every minute with the next of these; the last one again and again. */
function polling(...answers: (Found | Error | "never")[]) {
  const asked: number[] = [];
  return {
    asked,
    refreshIntervalMs: 60_000,
    async refresh(): Promise<Found> {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? "never";
      asked.push(asked.length);
      if (answer instanceof Error) throw answer;
      return answer === "never" ? new Promise<Found>(() => {}) : answer;
    },
  };
}

test("targets are handed on when they change, in whatever order they come", async () => {
  const search = polling(
    { groups: groups("a=1,2", "b=3") },
    { groups: groups("b=3", "a=2,1") },
    { groups: groups("a=1,2,4", "b=3") },
  );
  const { clock, sets, surroundings, measured, end } = start(search);
  await clock.advance(200_000);
  expect(sets).toEqual(["a=1,2 b=3", "a=1,2,4 b=3"]);
  expect(surroundings.health).toBe("healthy");
  expect(measured).toEqual({
    "last success": clock.now() / 1000 - 20,
    targets: 4,
    "updates scrape": 2,
  });
  await end();
});

test("a source that fails keeps its last good targets, the others go on", async () => {
  const search = polling(
    { groups: groups("a=1", "b=1") },
    { groups: groups("b=2"), failures: new Map([["a", new Error("cannot ask a", { cause: new Error("SERVFAIL") })]]) },
    { groups: groups("a=2", "b=2") },
  );
  const { clock, sets, surroundings, logs, discovery, measured, end } = start(search);
  await clock.advance(61_000);
  expect(sets).toEqual(["a=1 b=1", "a=1 b=2"]);
  expect(surroundings.health).toBe("unhealthy: cannot ask a: SERVFAIL; the last good targets stay until it is mended");
  expect(discovery.debug()).toEqual({
    targets: 2,
    sources: [
      { source: "a", targets: 1, failure: "cannot ask a: SERVFAIL" },
      { source: "b", targets: 1 },
    ],
  });
  expect(measured["failures test discovery.test.x"]).toBe(1);
  await clock.advance(60_000);
  expect(sets.at(-1)).toBe("a=2 b=2");
  expect(surroundings.health).toBe("healthy");
  expect(logs.map(({ message }) => message)).toEqual([
    "targets cannot be brought up to date, the last good ones stay",
    "targets are up to date again",
  ]);
  await end();
});

test("an error keeps all targets, and is asked again sooner, with backoff", async () => {
  const search = polling({ groups: groups("a=1") }, new Error("no route"));
  const { clock, sets, surroundings, logs, end } = start(search);
  await clock.advance(60_000);
  expect(search.asked).toHaveLength(2);
  await clock.advance(5_000 + 10_000 + 20_000);
  expect(search.asked).toHaveLength(5);
  expect(sets).toEqual(["a=1"]);
  expect(surroundings.health).toMatch(/^unhealthy: no route;/);
  expect(logs).toHaveLength(1);
  await end();
});

test("an empty answer is believed when it has come more often than the grace, and both are logged", async () => {
  const search = polling({ groups: groups("a=1", "b=1") }, { groups: groups("a=", "b=1") });
  const { clock, sets, logs, end } = start(search);
  await clock.advance(2 * 60_000 + 1_000);
  expect(sets).toEqual(["a=1 b=1"]);
  await clock.advance(60_000);
  expect(sets).toEqual(["a=1 b=1", "b=1"]);
  expect(logs.map(({ message, fields }) => [message, fields])).toEqual([
    ["the answer is empty; the last good targets stay for now", { source: "a", targets: 1 }],
    ["the answer is empty; the last good targets stay for now", { source: "a", targets: 1 }],
    ["the answer is still empty; the last good targets are gone", { source: "a", targets: 1 }],
  ]);
  await end();
});

test("a source that is not in the answer is an empty one; its targets back in time end the doubt", async () => {
  const full = { groups: groups("a=1") };
  const search = polling(full, { groups: [] }, { groups: [] }, full, { groups: [] }, { groups: [] }, full);
  const { clock, sets, end } = start(search);
  await clock.advance(10 * 60_000);
  expect(sets).toEqual(["a=1"]);
  await end();
});

test("without a grace an empty answer is believed at once", async () => {
  const search = polling({ groups: groups("a=1") }, { groups: [] });
  const { clock, sets, end } = start(search, { emptyGrace: 0 });
  await clock.advance(61_000);
  expect(sets).toEqual(["a=1", ""]);
  await end();
});

test("a restart during an outage hands on the targets that were saved", async () => {
  const first = start(polling({ groups: groups("a=1,2", "b=3") }));
  await first.clock.advance(1_000);
  await first.end();
  const failing = start(polling(new Error("no route")), { disk: first.disk });
  await failing.clock.advance(1_000);
  expect(failing.sets).toEqual(["a=1,2 b=3"]);
  await failing.end();
  const hanging = start(polling("never"), { disk: first.disk });
  await hanging.clock.advance(4_000);
  expect(hanging.sets).toEqual([]);
  await hanging.clock.advance(1_000);
  expect(hanging.sets).toEqual(["a=1,2 b=3"]);
  const answered = start(polling({ groups: groups("a=4", "b=3") }), { disk: first.disk });
  await answered.clock.advance(1_000);
  expect(answered.sets).toEqual(["a=4 b=3"]);
  await answered.end();
});

test("an empty answer after a restart is doubted as well", async () => {
  const first = start(polling({ groups: groups("a=1") }));
  await first.clock.advance(1_000);
  await first.end();
  const second = start(polling({ groups: [] }), { disk: first.disk });
  await second.clock.advance(1_000);
  expect(second.sets).toEqual(["a=1"]);
  await second.end();
});

test("targets that were saved under another identity, or are damaged, are not restored", async () => {
  const first = start(polling({ groups: groups("a=1") }));
  await first.clock.advance(1_000);
  await first.end();
  const other = start(polling(new Error("no route")), { disk: first.disk, identity: "other" });
  await other.clock.advance(60_000);
  expect(other.sets).toEqual([]);
  await other.end();
  const file = await first.disk.open("/data/discovery.test.x/targets.json", "update");
  await file.write([Buffer.from("[")], 0);
  const damaged = start(polling(new Error("no route")), { disk: first.disk });
  await damaged.clock.advance(60_000);
  expect(damaged.sets).toEqual([]);
  expect(damaged.logs[0]?.message).toBe("cannot read the targets that were saved");
  await damaged.end();
});

test("of nothing but failures nothing is handed on: what is not known is not empty", async () => {
  const search = polling({ groups: [], failures: new Map([["a", "SERVFAIL"]]) }, { groups: [] });
  const { clock, sets, end } = start(search);
  await clock.advance(1_000);
  expect(sets).toEqual([]);
  await clock.advance(60_000);
  expect(sets).toEqual([""]);
  await end();
});

test("a disk that fails is logged and costs no targets", async () => {
  const disk = new FaultyDisk(new ModelDisk());
  disk.fault = (call) => (call === "create" ? "ENOSPC" : undefined);
  const { clock, sets, logs, end } = start(polling({ groups: groups("a=1") }), { disk });
  await clock.advance(1_000);
  expect(sets).toEqual(["a=1"]);
  expect(logs.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    "warn: cannot save the targets; after a restart they have to be found anew",
  ]);
  await end();
});

test("an answer may ask to be refreshed sooner than at the interval, never later", async () => {
  const search = polling(
    { groups: groups("a=1"), refreshAfterMs: 10_000 },
    { groups: groups("a=1"), refreshAfterMs: 1e9 },
  );
  const { clock, end } = start(search);
  await clock.advance(10_000);
  expect(search.asked).toHaveLength(2);
  await clock.advance(60_000);
  expect(search.asked).toHaveLength(3);
  await end();
});

test("a set that was refused is offered again", async () => {
  const { clock, sets, refusal, surroundings, measured, end } = start(polling({ groups: groups("a=1") }));
  refusal.error = new Error("receiver restarts");
  await clock.advance(1_000);
  expect(surroundings.health).toMatch(/^unhealthy: cannot hand on the targets: receiver restarts;/);
  delete refusal.error;
  await clock.advance(5_000);
  expect(sets).toEqual(["a=1"]);
  expect(surroundings.health).toBe("healthy");
  expect(measured).toMatchObject({ "updates scrape": 1, "updates delayed scrape": 1 });
  await end();
});

/** A watch whose sink a test holds; `broken.reject` breaks it down. */
function watching() {
  const sinks: Sink[] = [];
  const broken: ((error: Error) => void)[] = [];
  const search: Search = {
    refreshIntervalMs: 30_000,
    watch(stop, sink) {
      sinks.push(sink);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stop.addEventListener("abort", () => resolve());
      broken.push(reject);
      return promise;
    },
  };
  return { search, sinks, broken, sink: () => sinks.at(-1)! };
}

test("what a watch says in a burst is handed on together", async () => {
  const { search, sink } = watching();
  const { clock, sets, end } = start(search);
  await clock.advance(0);
  sink().replace(groups("a=1", "b=2"));
  await clock.advance(1_000);
  sink().update(groups("a=3"));
  sink().update(groups("b="));
  await clock.advance(1_000);
  sink().update(groups("c=4"));
  expect(sets).toEqual(["a=1 b=2"]);
  await clock.advance(5_000);
  expect(sets).toEqual(["a=1 b=2", "a=3 c=4"]);
  await end();
});

test("a watch that breaks down keeps the targets, and begins anew after a backoff", async () => {
  const { search, sinks, broken, sink } = watching();
  const { clock, sets, surroundings, end } = start(search);
  await clock.advance(0);
  sink().replace(groups("a=1"));
  broken[0]?.(new Error("connection reset"));
  await clock.advance(900);
  expect(surroundings.health).toMatch(/^unhealthy: connection reset;/);
  expect(sinks).toHaveLength(1);
  await clock.advance(100);
  expect(sinks).toHaveLength(2);
  sink().alive();
  expect(surroundings.health).toBe("healthy");
  expect(sets).toEqual(["a=1"]);
  await end();
});

test("a source of a watch may fail by itself", async () => {
  const { search, sink } = watching();
  const { clock, surroundings, end } = start(search);
  await clock.advance(0);
  sink().retain(["a", "b"]);
  sink().update(groups("a=1", "b=1"));
  sink().fail(new Error("no leader"), "b");
  sink().alive("a");
  expect(surroundings.health).toMatch(/^unhealthy: no leader;/);
  sink().retain(["a"]);
  expect(surroundings.health).toBe("healthy");
  await end();
});

test("an empty list of a watch is doubted for the grace, unless targets are named again", async () => {
  const { search, sink } = watching();
  const { clock, sets, logs, end } = start(search);
  await clock.advance(0);
  sink().replace(groups("a=1"));
  await clock.advance(1_000);
  sink().replace([]);
  await clock.advance(59_000);
  expect(sets).toEqual(["a=1"]);
  await clock.advance(1_000);
  expect(sets).toEqual(["a=1", ""]);
  expect(logs.map(({ fields }) => fields)).toEqual([
    { source: "all", targets: 1 },
    { source: "all", targets: 1 },
  ]);
  await clock.advance(5_000);
  sink().replace(groups("a=1", "b=1"));
  await clock.advance(5_000);
  sink().retain([]);
  sink().update(groups("b=2"));
  await clock.advance(5_000);
  expect(sets.at(-1)).toBe("b=2");
  await end();
});
