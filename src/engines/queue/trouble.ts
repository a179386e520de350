import { errnoOf } from "../../lib/disk.ts";
import { describeError } from "../../lib/errors.ts";

/** Another process works in the folder. */
export class FolderInUseError extends Error {}

/** What is wrong with the disk, and what a person can do about it. */
export function describeTrouble(error: unknown, folder: string): string {
  const code = errnoOf(error) ?? "";
  const remedy = remedies[code];
  return `cannot write the queue in ${folder}: ${describeError(error)}${remedy === undefined ? "" : `; ${remedy}`}`;
}

const permission = "make the folder writable for the user of the agent";

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "free space or inodes, or lower queue_config.max_bytes",
  EDQUOT: "raise the quota, or lower queue_config.max_bytes",
  EROFS: "mount the file system for writing",
  EACCES: permission,
  EPERM: permission,
  EIO: "the disk fails; look into the log of the kernel",
};
