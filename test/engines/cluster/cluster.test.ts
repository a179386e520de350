import { expect, test } from "vitest";
import { AddressMembership } from "../../../src/engines/cluster/address-membership.ts";
import { ChangingCluster } from "../../../src/engines/cluster/changing-cluster.ts";
import { Cluster } from "../../../src/engines/cluster/cluster.ts";
import { type Membership, staticMembership } from "../../../src/engines/cluster/membership.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";

const targets = Array.from({ length: 50 }, (_, n) => `target ${n}`);

/** Answers each look with the next of these; the last one again and again. */
function scripted(...answers: (readonly string[] | Error | "never")[]) {
  let looks = 0;
  const membership: Membership & { left: boolean } = {
    self: "a",
    intervalMs: 1_000,
    patienceMs: 10_000,
    left: false,
    async look() {
      const answer = answers[Math.min(looks++, answers.length - 1)] ?? "never";
      if (answer instanceof Error) throw answer;
      return answer === "never" ? new Promise(() => {}) : answer;
    },
    async leave() {
      membership.left = true;
    },
  };
  return membership;
}

function start(membership: Membership, disk = new ModelDisk()) {
  const clock = new FakeClock();
  const logs: LogLine[] = [];
  const changes: number[] = [];
  const cluster: Cluster = new Cluster(membership, {
    clock,
    disk,
    folder: "/data",
    log: recordingLogger(logs),
    onChange: () => changes.push(cluster.members.length),
  });
  const stop = new AbortController();
  const ended = cluster.run(stop.signal);
  const share = () => targets.filter((target) => cluster.isOurs(target)).length;
  async function end() {
    stop.abort();
    await ended;
  }
  return { cluster, clock, logs, changes, disk, share, end };
}

test("nothing is ours before the members are known, then our share, and changes are told once", async () => {
  const membership = scripted(["b", "a"], ["a", "b"], ["a", "b", "c"]);
  const { cluster, clock, changes, share, end } = start(membership);
  expect(share()).toBe(0);
  await clock.advance(0);
  const half = share();
  expect(half).toBeGreaterThan(10);
  expect(half).toBeLessThan(40);
  await clock.advance(1_000);
  expect(changes).toEqual([2]);
  await clock.advance(1_000);
  expect(cluster.members).toEqual(["a", "b", "c"]);
  expect(changes).toEqual([2, 3]);
  expect(share()).toBeLessThan(half);
  await end();
  expect(membership.left).toBe(true);
  expect(clock.pending).toBe(0);
});

test("while the members cannot be told they stay those of before, and the trouble is told and logged once", async () => {
  const { cluster, clock, logs, end } = start(
    scripted(["a", "b"], new Error("etcd is away"), new Error("etcd is away"), ["a"]),
  );
  await clock.advance(2_000);
  expect(cluster.members).toEqual(["a", "b"]);
  expect(cluster.trouble).toBe("cannot tell the members of the cluster: etcd is away");
  await clock.advance(1_000);
  expect(cluster.members).toEqual(["a"]);
  expect(cluster.trouble).toBeUndefined();
  expect(logs.map(({ level }) => level)).toEqual(["info", "warn", "info"]);
  await end();
});

test("a restart while the members cannot be told goes on with those that were saved", async () => {
  const first = start(scripted(["a", "b", "c"]));
  await first.clock.advance(0);
  const share = first.share();
  await first.end();
  const second = start(scripted(new Error("etcd is away")), first.disk);
  await second.clock.advance(0);
  expect(second.cluster.members).toEqual(["a", "b", "c"]);
  expect(second.share()).toBe(share);
  await second.end();
});

test("without any members to go on with, all targets are ours when patience is over", async () => {
  for (const answer of [new Error("etcd is away"), "never"] as const) {
    const { clock, share, end } = start(scripted(answer));
    await clock.advance(9_999);
    expect(share()).toBe(0);
    await clock.advance(1);
    expect(share()).toBe(targets.length);
    if (answer !== "never") await end();
  }
});

test("a list in the config is known at once", async () => {
  const { cluster, clock, end } = start(staticMembership(["b", "a"], "a"));
  await clock.advance(0);
  expect(cluster.members).toEqual(["a", "b"]);
  await end();
});

test("a member finds itself among the addresses in DNS, by its own addresses or by its name", async () => {
  const options = { hostname: "vm", intervalMs: 1_000, ownAddresses: () => ["10.0.0.2", "127.0.0.1"] };
  const stop = new AbortController().signal;
  const found = new AddressMembership({ ...options, name: undefined, addresses: async () => ["10.0.0.1", "10.0.0.2"] });
  expect(await found.look(stop)).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(found.self).toBe("10.0.0.2");
  const named = new AddressMembership({ ...options, name: "10.0.0.1", addresses: async () => ["10.0.0.1"] });
  await named.look(stop);
  expect(named.self).toBe("10.0.0.1");
  const foreign = new AddressMembership({ ...options, name: undefined, addresses: async () => ["10.0.0.9"] });
  await expect(foreign.look(stop)).rejects.toThrow("none of 10.0.0.9 is this member");
  const none = new AddressMembership({ ...options, name: undefined, addresses: async () => undefined });
  await expect(none.look(stop)).rejects.toThrow("there is no such name");
});

test("one cluster follows the other, and without one all targets are ours", async () => {
  const clock = new FakeClock();
  const [first, second] = [scripted(["a", "b"]), scripted(["a"])];
  const make = (membership: Membership) =>
    new Cluster(membership, { clock, disk: new ModelDisk(), folder: "/data", log: recordingLogger([]), onChange() {} });
  const cluster = new ChangingCluster(make(first));
  const stop = new AbortController();
  const ended = cluster.run(stop.signal);
  await clock.advance(0);
  expect(targets.every((target) => cluster.isOurs(target))).toBe(false);
  cluster.replace(make(second));
  await clock.advance(0);
  expect(first.left).toBe(true);
  expect(targets.every((target) => cluster.isOurs(target))).toBe(true);
  cluster.replace(undefined);
  await clock.advance(0);
  expect(second.left).toBe(true);
  expect(cluster.isOurs("x")).toBe(true);
  stop.abort();
  await ended;
});
