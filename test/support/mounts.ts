import { spawnSync } from "node:child_process";

/** A file system in memory over a folder. False where the user may not mount one. */
export function mountTmpfs(folder: string, options: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
}

/** The uppermost file system of a folder goes, as soon as nobody has a file of it open. */
export function unmount(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
}
