import { expect, test } from "vitest";
import type { FileSystemStats } from "../../../src/engines/host/collector.ts";
import { MountStats } from "../../../src/engines/host/mount-stats.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { someStats } from "./fixture-host.ts";

const timedOut = { error: "mountpoint timeout" };

function dead() {
  const clock = new FakeClock();
  const calls: { path: string; answer: (stats: FileSystemStats) => void; fail: (error: Error) => void }[] = [];
  const statfs = (path: Buffer) =>
    new Promise<FileSystemStats>((answer, fail) => calls.push({ path: path.toString("latin1"), answer, fail }));
  return { clock, calls, mounts: new MountStats(statfs, clock, 5000) };
}

test("an answer in time is the answer, and no timer is left behind", async () => {
  const { clock, calls, mounts } = dead();
  const answer = mounts.ask("/");
  calls[0]!.answer(someStats);
  expect(await answer).toEqual({ stats: someStats });
  expect(clock.pending).toBe(0);
});

test("a mount that does not answer is given up at the deadline and not asked again until its call returns", async () => {
  const { clock, calls, mounts } = dead();
  const first = mounts.ask("/mnt/nfs");
  await clock.advance(5000);
  expect(await first).toEqual(timedOut);
  expect(await mounts.ask("/mnt/nfs")).toEqual(timedOut);
  expect(calls.map(({ path }) => path)).toEqual(["/mnt/nfs"]);

  calls[0]!.answer(someStats);
  await clock.advance(0);
  const again = mounts.ask("/mnt/nfs");
  expect(calls).toHaveLength(2);
  calls[1]!.answer(someStats);
  expect(await again).toEqual({ stats: someStats });
});

test("a stuck mount holds up no other", async () => {
  const { clock, calls, mounts } = dead();
  const stuck = mounts.ask("/mnt/nfs");
  const other = mounts.ask("/");
  calls[1]!.answer(someStats);
  expect(await other).toEqual({ stats: someStats });
  await clock.advance(5000);
  expect(await stuck).toEqual(timedOut);
});

test("two who ask at the same time share one call", async () => {
  const { calls, mounts } = dead();
  const answers = [mounts.ask("/"), mounts.ask("/")];
  expect(calls).toHaveLength(1);
  calls[0]!.answer(someStats);
  expect(await Promise.all(answers)).toEqual([{ stats: someStats }, { stats: someStats }]);
});

test("a failed call is told in Go's words", async () => {
  const { calls, mounts } = dead();
  const f = async (errno: number, want: string) => {
    const answer = mounts.ask("/mnt/x");
    calls.at(-1)!.fail(Object.assign(new Error("statfs"), { errno }));
    expect(await answer).toEqual({ error: want });
  };
  await f(-2, "no such file or directory");
  await f(-13, "permission denied");
  await f(-107, "transport endpoint is not connected");
  await f(-112, "host is down");
  await f(-116, "stale NFS file handle");
  await f(-4095, "errno 4095");
});
