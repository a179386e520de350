import { expect, test } from "vitest";
import { hangable } from "../../../src/formats/procfs/network-mounts.ts";

test("a mount may hang if a server or a program is behind it, or behind one that it lies below", () => {
  const mounts = Object.entries({
    "/": "ext4",
    "/mnt/nfs": "nfs4",
    "/mnt/nfs/scratch": "tmpfs",
    "/mnt/nfs2": "xfs",
    "/mnt/ssh": "fuse.sshfs",
    "/mnt/control": "fusectl",
    "/mnt/share": "cifs",
  }).map(([mountPoint, fsType]) => ({ mountPoint, fsType }));
  expect(mounts.filter(hangable(mounts)).map(({ mountPoint }) => mountPoint)).toEqual([
    "/mnt/nfs",
    "/mnt/nfs/scratch",
    "/mnt/ssh",
    "/mnt/share",
  ]);
});
