import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { unpackedRoot } from "./debian-packages.ts";
import { type Exit, runProcess } from "./process.ts";

/** Runs programs of Debian's, in a Debian of their own with all that they need. */
export interface DebianRoot {
  /** The folder is at `/mnt` there. What is written elsewhere stays. */
  run(folder: string, command: string, ...args: readonly string[]): Promise<Exit>;
}

/**
 * A Debian with these packages, or undefined where the user may not enter another root: that takes namespaces of users
 * and of mounts, and root's rights outside of them are not needed.
 */
export async function debianRoot(packages: readonly string[]): Promise<DebianRoot | undefined> {
  if ((await runProcess("unshare", [...namespaces, "true"])).code !== 0) return undefined;
  const root = await unpackedRoot(packages);
  await mkdir(join(root, "mnt"), { recursive: true });
  return {
    run: (folder, command, ...args) =>
      runProcess("unshare", [...namespaces, "sh", "-euc", enter, root, folder, command, ...args]),
  };
}

const namespaces = ["--map-root-user", "--mount"];
const enter =
  'mount --rbind /dev "$0/dev"; mount --rbind /proc "$0/proc"; mount --bind "$1" "$0/mnt"; shift; exec chroot "$0" "$@"';
