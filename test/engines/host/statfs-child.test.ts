import { existsSync, mkdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type StatCommand, StatfsChildren } from "../../../src/engines/host/statfs-child.ts";
import { eventually } from "../../support/eventually.ts";
import { tempDir } from "../../support/temp-dir.ts";

const refuse = () => Promise.reject(new Error("the fallback was asked"));

test("a child tells what statfs tells, also of a path that is no UTF-8", async () => {
  using dir = tempDir();
  const odd = Buffer.concat([Buffer.from(`${dir.path}/`), Buffer.from([0xff, 0x27])]);
  mkdirSync(odd);
  const children = new StatfsChildren(refuse);
  for (const path of [Buffer.from(dir.path), odd]) {
    const { bsize, blocks, files } = await statfs(path);
    expect(await children.statfs(path)).toMatchObject({ bsize, blocks, files });
  }
});

test("a failure has the number that the kernel gave", async () => {
  const children = new StatfsChildren(refuse);
  await expect(children.statfs(Buffer.from("/nonexistent"))).rejects.toMatchObject({ errno: 2 });
  const saying = (text: string): StatCommand => ["sh", "-c", `echo "stat: cannot read: ${text}" >&2; exit 1`];
  const f = (text: string, errno: number) =>
    expect(new StatfsChildren(refuse, saying(text)).statfs(Buffer.from("/"))).rejects.toMatchObject({ errno });
  await f("Stale file handle", 116);
  await f("Transport endpoint is not connected", 107);
  await f("Host is down", 112);
  await f("Permission denied", 13);
  await f("Gone fishing", 0);
});

test("where there is no such program the fallback answers", async () => {
  const children = new StatfsChildren(statfs, ["/nonexistent/stat"]);
  expect((await children.statfs(Buffer.from("/"))).bsize).toBeGreaterThan(0);
});

test("a child that hangs is ended when the exporter closes", async () => {
  using dir = tempDir();
  const mark = join(dir.path, "pid");
  const children = new StatfsChildren(refuse, [
    "sh",
    "-c",
    `echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 60`,
  ]);
  const pending = children.statfs(Buffer.from("/"));
  await eventually(async () => expect(existsSync(mark)).toBe(true));
  children.close();
  await expect(pending).rejects.toThrow("stat: ");
});
