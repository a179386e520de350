import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mountImage, mountTmpfs, unmount } from "../support/mounts.ts";
import { Tailing } from "../support/tailing.ts";

/** Begins alike in both lives of the inode, so that the number and the first bytes are the same. */
const header = "# a header that every file of this program has\n";

test("an inode and a device that a tmpfs gives again do not make it the same file", async ({ skip }) => {
  using tailing = new Tailing();
  mkdirSync(tailing.logDir);
  // A tmpfs counts its inodes from 2 and gives none again; but one that is mounted in its place counts anew, and gets
  // the number of the device again, too.
  using _ = { [Symbol.dispose]: () => unmount(tailing.logDir) };
  if (!mountTmpfs(tailing.logDir, "size=8m")) return skip("only root may mount a tmpfs");
  tailing.written.push(header.trim());
  tailing.write("a.log", header);
  tailing.writeLines("a.log", 3);
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  await tailing.stop();
  const { ino, dev } = statSync(tailing.path("a.log"));
  spawnSync("umount", [tailing.logDir]);
  mountTmpfs(tailing.logDir, "size=8m");
  tailing.write("a.log", header);
  tailing.writeLines("a.log", 300);
  expect(statSync(tailing.path("a.log")).ino).toBe(ino);
  if (statSync(tailing.path("a.log")).dev !== dev) return skip("the number of the device is another one's by now");
  tailing.start();
  await tailing.until(() => tailing.missing.length === 0);
  // The header is a line of both.
  expect(tailing.surplus).toBe(1);
  await tailing.stop();
});

test.for([
  ["while the agent is stopped", true],
  ["while the agent runs", false],
] as const)(
  "an inode that ext4 gives again at once %s does not make it the same file",
  async ([_when, isStopped], { skip }) => {
    using tailing = new Tailing();
    mkdirSync(tailing.logDir);
    using _ = { [Symbol.dispose]: () => unmount(tailing.logDir) };
    if (!mountImage(join(tailing.dir.path, "image"), tailing.logDir)) return skip("only root may mount an image");
    for (let times = 0; times < 5; times++) {
      tailing.writeLines("a.log", 3);
      tailing.writeLines("b.log", 1);
      if (times === 0 || isStopped) tailing.start(["*.log"], { maxOpenFiles: 1 });
      await tailing.until(() => tailing.missing.length === 0);
      // An inode is free once nobody has it open: another file takes the descriptor.
      tailing.writeLines("b.log", 1);
      await tailing.until(() => tailing.missing.length === 0);
      if (isStopped) await tailing.stop();
      const { ino } = statSync(tailing.path("a.log"));
      rmSync(tailing.path("a.log"));
      tailing.writeLines("next", 200);
      expect(statSync(tailing.path("next")).ino).toBe(ino);
      renameSync(tailing.path("next"), tailing.path("a.log"));
    }
    if (isStopped) tailing.start();
    await tailing.until(() => tailing.missing.length === 0);
    await tailing.pass(25_000);
    expect(tailing.surplus).toBe(0);
    await tailing.stop();
  },
);
