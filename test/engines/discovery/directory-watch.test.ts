import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DirectoryWatch } from "../../../src/engines/discovery/directory-watch.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("what happens in a folder is told, also of one that was made later", async () => {
  using dir = tempDir();
  const folder = join(dir.path, "later");
  let hint = Promise.withResolvers<void>();
  const watch = new DirectoryWatch([dir.path, folder], () => hint.resolve());
  watch.renew();
  mkdirSync(folder);
  await hint.promise;
  hint = Promise.withResolvers();
  watch.renew();
  writeFileSync(join(folder, "file"), "");
  await hint.promise;
  watch.close();
});

test("no watch is left behind", async () => {
  using dir = tempDir();
  const before = await watches();
  const watch = new DirectoryWatch([dir.path], () => {});
  watch.renew();
  watch.renew();
  expect(await watches()).toBe(before + 1);
  watch.close();
  expect(await watches()).toBe(before);
});

/** After a few turns of the event loop: a handle is gone a turn after it was closed. */
async function watches(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  return process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length;
}
