import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync } from "node:fs";

/** A file system in memory over a folder. False where the user may not mount one. */
export function mountTmpfs(folder: string, options: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
}

/** A small ext4 in a file, over a folder. False where the user may not mount one, or there is no such thing. */
export function mountImage(image: string, folder: string): boolean {
  const descriptor = openSync(image, "w");
  ftruncateSync(descriptor, 8 * 2 ** 20);
  closeSync(descriptor);
  if (spawnSync("mke2fs", ["-q", "-t", "ext4", image]).status !== 0) return false;
  return spawnSync("mount", ["-o", "loop", image, folder]).status === 0;
}

/** The uppermost file system of a folder goes, as soon as nobody has a file of it open. */
export function unmount(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}
