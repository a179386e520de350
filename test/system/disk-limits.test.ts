import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errnoOf } from "../../src/lib/disk.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import { mountTmpfs, unmount } from "../support/mounts.ts";
import { drain, openQueue } from "../support/queue-harness.ts";
import { tempDir } from "../support/temp-dir.ts";
import { turnsUntil } from "../support/turns-until.ts";

/** A file system of its own in memory, with limits; undefined where the user may not mount one. */
function tmpfs(options: string) {
  const dir = tempDir();
  if (!mountTmpfs(dir.path, options)) {
    dir.remove();
    return undefined;
  }
  return {
    path: dir.path,
    [Symbol.dispose]() {
      unmount(dir.path);
      dir.remove();
    },
  };
}

/** Makes files until the file system takes no other; returns their paths. */
function fill(folder: string, size: number): string[] {
  const paths: string[] = [];
  try {
    for (;;) {
      paths.push(join(folder, `filler-${paths.length}`));
      writeFileSync(paths.at(-1) ?? "", Buffer.alloc(size));
    }
  } catch (error) {
    expect(errnoOf(error)).toBe("ENOSPC");
    return paths;
  }
}

test("a file system that is full costs nothing, and is written again once there is space", async ({ skip }) => {
  using full = tmpfs("size=8m");
  if (full === undefined) return skip("only root may mount a tmpfs");
  await using q = openQueue(realDisk, join(full.path, "queue"), ["a"], { maxBytes: 2 ** 30 });
  await q.append("first");
  const fillers = fill(full.path, 64 * 1024);
  const texts = Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(100_000, "x"));
  await q.append(...texts);
  expect(q.troubles[0]).toContain("ENOSPC: no space left on device");
  for (const path of fillers) rmSync(path, { force: true });
  await q.clock.advance(5000);
  await turnsUntil(() => q.troubles.at(-1) === undefined);
  expect(await drain(q.queue.reader("a"))).toEqual(["first", ...texts]);
  expect(q.drops).toEqual([]);
});

test("a file system without a free inode takes what fits into the open segment", async ({ skip }) => {
  using full = tmpfs("nr_inodes=20,size=8m");
  if (full === undefined) return skip("only root may mount a tmpfs");
  await using q = openQueue(realDisk, join(full.path, "queue"), ["a"], { maxAgeMs: 160_000 });
  await q.append("one");
  fill(full.path, 0);
  await q.clock.advance(11_000);
  await q.append("two");
  expect([q.troubles, q.queue.segments]).toEqual([[], 1]);
  expect(await drain(q.queue.reader("a"))).toEqual(["one", "two"]);
});

test("a file system that is mounted read-only costs nothing, and is written once it may be", async ({ skip }) => {
  using mounted = tmpfs("size=8m");
  if (mounted === undefined) return skip("only root may mount a tmpfs");
  const remount = (mode: string) => spawnSync("mount", ["-o", `remount,${mode}`, mounted.path]).status;
  expect(remount("ro")).toBe(0);
  await using q = openQueue(realDisk, mounted.path, ["a"], { maxBytes: 2 ** 30 });
  await turnsUntil(() => q.troubles.length > 0, q.clock);
  await q.append("one", "two");
  expect(q.troubles[0]).toContain("EROFS");
  expect(remount("rw")).toBe(0);
  await q.clock.advance(5000);
  await turnsUntil(() => q.troubles.at(-1) === undefined, q.clock);
  expect(q.queue.segments).toBe(1);
  expect(await drain(q.queue.reader("a"))).toEqual(["one", "two"]);
  expect(q.drops).toEqual([]);
});
