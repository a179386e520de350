import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSmallFile, writeAll } from "../../src/lib/disk.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import { tempDir } from "../support/temp-dir.ts";

describe("the real disk", () => {
  test("writes in pieces, reads and cuts files that are for their owner alone", async () => {
    using dir = tempDir();
    const path = join(dir.path, "a/b/file");
    await realDisk.makeFolder(join(dir.path, "a/b"));
    const file = await realDisk.open(path, "create");
    expect(await file.write([Buffer.from("one "), Buffer.from("two")], 0)).toBe(7);
    await writeAll(file, Buffer.from(" three"), 7);
    await file.sync();
    await file.truncate(7);
    expect(await file.stat()).toEqual({ size: 7, isLinked: true });
    await realDisk.syncFolder(join(dir.path, "a/b"));
    expect([statSync(path).mode & 0o777, statSync(join(dir.path, "a")).mode & 0o777]).toEqual([0o600, 0o700]);
    expect((await readSmallFile(realDisk, path, 100))?.toString()).toBe("one two");
    expect((await readSmallFile(realDisk, path, 3))?.toString()).toBe("one");
    await realDisk.unlink(path);
    expect(await file.stat()).toEqual({ size: 7, isLinked: false });
    await file.close();
    expect(await readSmallFile(realDisk, path, 100)).toBeUndefined();
  });

  test("creates no file that exists", async () => {
    using dir = tempDir();
    const path = join(dir.path, "file");
    await (await realDisk.open(path, "create")).close();
    await expect(realDisk.open(path, "create")).rejects.toMatchObject({ code: "EEXIST" });
    await realDisk.rename(path, join(dir.path, "other"));
    expect(await realDisk.list(dir.path)).toEqual(["other"]);
  });

  test("gives a folder to one at a time, also under another name", async () => {
    using dir = tempDir();
    const unlock = await realDisk.lock(dir.path);
    expect(readFileSync(join(dir.path, "pid"), "utf8")).toBe(`${process.pid}\n`);
    expect(await realDisk.lock(`${dir.path}/../${dir.path.split("/").at(-1)}`)).toBeUndefined();
    await unlock?.();
    expect(readdirSync(dir.path)).toEqual([]);
    const again = await realDisk.lock(dir.path);
    expect(again).toBeDefined();
    await again?.();
  });

  test("knows how much is free", async () => {
    const { free, total } = await realDisk.space("/");
    expect(total).toBeGreaterThan(free);
  });
});
