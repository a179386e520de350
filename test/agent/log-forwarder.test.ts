import { expect, test } from "vitest";
import { LogForwarder } from "../../src/agent/log-forwarder.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { LogRecorder, logBatch } from "../support/log-batches.ts";

/** A forwarder to `ids`, and what each of them has got. */
function forwarding(ids: readonly string[], downstream: readonly string[] = ids) {
  const clock = new FakeClock();
  const recorders = new Map<string, LogRecorder>();
  const state = {
    answer: (id: string): Promise<void> => (id === "never" ? new Promise(() => {}) : Promise.resolve()),
  };
  const forwarder = new LogForwarder({
    clock,
    random: () => 0.5,
    async deliver(id, batch) {
      await state.answer(id);
      const recorder = recorders.get(id) ?? new LogRecorder();
      recorders.set(id, recorder);
      await recorder.receive(batch);
    },
  });
  forwarder.configure({ ids, downstream: new Set(downstream) });
  return { forwarder, clock, state, got: (id: string) => recorders.get(id)?.lines ?? [], recorders };
}

test("lines go to each receiver, with times that are their own", async () => {
  const { forwarder, clock, recorders } = forwarding(["a", "b"]);
  forwarder.add("one", undefined);
  forwarder.add("two", "prometheus.scrape.x");
  await clock.advance(0);
  const now = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
  const batch = logBatch({ agent: "sonde" }, ["one", "two"], [now, now + 1n]);
  expect(recorders.get("a")?.batches).toEqual([batch]);
  expect(recorders.get("b")?.batches).toEqual([batch]);
  expect(forwarder.lines).toEqual({ sent: 4, dropped: 0, excluded: 0 });
});

test("what a receiver says, or whoever is behind it, does not come back to it", async () => {
  const { forwarder, clock, got } = forwarding(["loki.process.a"], ["loki.process.a", "loki.write.b"]);
  for (const component of ["loki.process.a", "loki.write.b", "loki.write.other"]) forwarder.add(component, component);
  await clock.advance(0);
  expect(got("loki.process.a")).toEqual(["loki.write.other"]);
  expect(forwarder.lines).toEqual({ sent: 1, dropped: 0, excluded: 2 });
});

test("a receiver that takes nothing holds up no other, and the oldest lines for it are dropped", async () => {
  const { forwarder, clock, got } = forwarding(["never", "a"]);
  forwarder.add("first", undefined);
  await clock.advance(0);
  for (let n = 0; n < 1500; n++) forwarder.add(`line ${n}`, undefined);
  // The first 500 of them were dropped for both, since nothing can be delivered while they are written.
  await clock.advance(0);
  expect(got("a")).toHaveLength(1001);
  expect(got("a").slice(0, 2)).toEqual(["first", "line 500"]);
  expect(forwarder.lines).toEqual({ sent: 1001, dropped: 1000, excluded: 0 });
});

test("a receiver that fails gets the lines later, in their order", async () => {
  const { forwarder, clock, state, got } = forwarding(["a"]);
  state.answer = () => Promise.reject(new Error("not running"));
  forwarder.add("one", undefined);
  await clock.advance(0);
  forwarder.add("two", undefined);
  state.answer = () => Promise.resolve();
  await clock.advance(999);
  expect(got("a")).toEqual([]);
  await clock.advance(1);
  expect(got("a")).toEqual(["one", "two"]);
});

test("when the receivers change, those that stay keep what waits for them", async () => {
  const { forwarder, clock, state, got } = forwarding(["a", "b"]);
  state.answer = () => Promise.reject(new Error("not running"));
  forwarder.add("one", undefined);
  await clock.advance(0);
  state.answer = () => Promise.resolve();
  forwarder.configure({ ids: ["b", "c"], downstream: new Set(["b", "c"]) });
  forwarder.add("two", undefined);
  await clock.advance(2000);
  expect([got("a"), got("b"), got("c")]).toEqual([[], ["one", "two"], ["two"]]);
  expect(forwarder.lines).toEqual({ sent: 3, dropped: 1, excluded: 0 });
});

test("a stop sends what waits, and waits a second at most", async () => {
  const { forwarder, clock, got } = forwarding(["a", "never"]);
  forwarder.add("last", undefined);
  const closed = forwarder.close();
  await clock.advance(1000);
  await closed;
  forwarder.add("too late", undefined);
  await clock.advance(1000);
  expect(got("a")).toEqual(["last"]);
});
