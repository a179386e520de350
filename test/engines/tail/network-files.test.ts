import { expect, test } from "vitest";
import { NetworkFiles } from "../../../src/engines/tail/network-files.ts";
import { networkMountsNow } from "../../../src/engines/tail/network-mounts-now.ts";
import { realTailFiles, type TailFile, type TailFiles } from "../../../src/engines/tail/tail-files.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { Tailing } from "../../support/tailing.ts";

/** A disk on which every call under a folder waits until the folder is let go. */
function disk() {
  const calls: string[] = [];
  const hanging = new Map<string, (() => void)[]>();
  const settle = async (call: string, path: string) => {
    calls.push(`${call} ${path}`);
    const folder = [...hanging.keys()].find((each) => path.startsWith(each));
    if (folder !== undefined) await new Promise<void>((resolve) => hanging.get(folder)?.push(resolve));
  };
  const file = (path: string): TailFile => ({
    stat: async () => ({ id: path, size: 1, mtimeNs: 0n, isFile: true, links: 1 }),
    async read() {
      await settle("read", path);
      return 1;
    },
    close: () => settle("close", path),
  });
  const files: TailFiles = {
    async stat(path) {
      await settle("stat", path);
      return { id: path, size: 1, mtimeNs: 0n, isFile: true, links: 1 };
    },
    async realPath(path) {
      return path;
    },
    async open(path) {
      await settle("open", path);
      return file(path);
    },
    async list() {
      return [];
    },
    watch: () => () => {},
  };
  const hang = (folder: string) => hanging.set(folder, []);
  const letGo = (folder: string) => {
    const waiting = hanging.get(folder) ?? [];
    hanging.delete(folder);
    for (const go of waiting) go();
  };
  return { files, calls, hang, letGo };
}

/** `/net/x` is a network mount, whatever is below it. */
function guarded() {
  const clock = new FakeClock();
  const { files, ...world } = disk();
  const mountOf = (path: string) => /^\/net\/\w+/.exec(path)?.[0];
  return { ...world, clock, files: new NetworkFiles({ files, clock, mountOf }) };
}

const shown = (error: Error) => error.message;

test("a call that hangs takes one thread, and those that wait behind it are told; other mounts and disks answer", async () => {
  const { files, calls, clock, hang } = guarded();
  hang("/net/a");
  const asked = ["/net/a/1", "/net/a/2", "/net/a/3"].map((path) => files.stat(path).catch(shown));
  await clock.advance(5_000);
  const told = "the file system at /net/a does not answer";
  expect(await Promise.all(asked)).toEqual([told, told, told]);
  expect(await files.stat("/net/a/4").catch(shown)).toBe(told);
  expect((await files.stat("/net/b/1"))?.id).toBe("/net/b/1");
  expect((await files.stat("/var/log/x"))?.id).toBe("/var/log/x");
  expect(calls).toEqual(["stat /net/a/1", "stat /net/b/1", "stat /var/log/x"]);
});

test("two hanging mounts have all the threads that there are for such; a third one is not asked", async () => {
  const { files, calls, clock, hang } = guarded();
  for (const mount of ["/net/a", "/net/b", "/net/c"]) hang(mount);
  const asked = ["/net/a/1", "/net/b/1", "/net/c/1"].map((path) => files.stat(path).catch(shown));
  await clock.advance(5_000);
  expect((await Promise.all(asked))[2]).toBe("the file system at /net/c does not answer");
  expect(await files.stat("/net/d/1").catch(shown)).toBe("the file system at /net/d does not answer");
  expect(calls).toEqual(["stat /net/a/1", "stat /net/b/1"]);
  expect((await files.stat("/var/log/x"))?.id).toBe("/var/log/x");
});

test("a mount that answers again is used again, and what was opened or left open meanwhile is closed", async () => {
  const { files, calls, clock, hang, letGo } = guarded();
  const file = await files.open("/net/a/1");
  hang("/net/a");
  const read = file.read(new Uint8Array(1), 0).catch(shown);
  await clock.advance(5_000);
  expect(await read).toContain("does not answer");
  await file.close();
  expect(calls).toEqual(["open /net/a/1", "read /net/a/1"]);
  letGo("/net/a");
  await clock.advance(0);
  expect(calls.at(-1)).toBe("close /net/a/1");

  hang("/net/a");
  const opened = files.open("/net/a/2").catch(shown);
  await clock.advance(5_000);
  expect(await opened).toContain("does not answer");
  letGo("/net/a");
  await clock.advance(0);
  expect(calls.slice(-2)).toEqual(["open /net/a/2", "close /net/a/2"]);
  expect((await files.stat("/net/a/3"))?.id).toBe("/net/a/3");
  expect(clock.pending).toBe(0);
});

test("mounts are known by the kernel's list, by whole folders", () => {
  const line = (id: number, point: string, type: string) => `${id} 1 0:${id} / ${point} rw - ${type} server rw\n`;
  const list = line(1, "/", "ext4") + line(2, "/mnt/logs\\040old", "nfs4") + line(3, "/srv", "fuse.sshfs");
  const mountOf = networkMountsNow(new FakeClock(), () => list);
  const paths = ["/mnt/logs old/app/a.log", "/srv", "/srv2/a.log", "/var/log/a.log"];
  expect(paths.map(mountOf)).toEqual(["/mnt/logs old", "/srv", undefined, undefined]);
  const failing = networkMountsNow(new FakeClock(), () => {
    throw new Error("no /proc");
  });
  expect(failing("/srv")).toBeUndefined();
});

test("a network file system that hangs holds up its own files only, and none of their lines is lost", async () => {
  using tailing = new Tailing();
  const remote = tailing.path("remote");
  let isGone = false;
  let waiting: (() => void)[] = [];
  const orHang = async <T>(path: string, task: () => Promise<T>) => {
    if (isGone && path.startsWith(remote)) await new Promise<void>((resolve) => waiting.push(resolve));
    return task();
  };
  const faulty: TailFiles = {
    ...realTailFiles,
    stat: (path) => orHang(path, () => realTailFiles.stat(path)),
    list: (folder) => orHang(folder, () => realTailFiles.list(folder)),
    async open(path) {
      const file = await orHang(path, () => realTailFiles.open(path));
      return { ...file, read: (into, position) => orHang(path, () => file.read(into, position)) };
    },
  };
  const mountOf = (path: string) => (path.startsWith(remote) ? remote : undefined);
  tailing.writeLines("a.log", 3);
  tailing.writeLines("remote/b.log", 3);
  const files = new NetworkFiles({ files: faulty, clock: tailing.clock, mountOf });
  tailing.start(["**/*.log"], { files });
  await tailing.until(() => tailing.missing.length === 0);

  isGone = true;
  tailing.writeLines("remote/b.log", 3);
  await tailing.until(() => String(tailing.health).includes(`the file system at ${remote} does not answer`));
  expect(JSON.stringify(tailing.tailer?.debug())).toContain("does not answer");
  tailing.writeLines("a.log", 5);
  await tailing.until(() => tailing.lines("a.log").length === 8);
  await tailing.pass(60_000);
  expect(tailing.missing).toHaveLength(3);

  isGone = false;
  for (const go of waiting.splice(0)) go();
  await tailing.until(() => tailing.missing.length === 0 && tailing.health === "healthy");
  expect(tailing.surplus).toBe(0);
  await tailing.stop();
  waiting = [];
});
