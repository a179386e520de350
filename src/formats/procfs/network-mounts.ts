interface MountPlace {
  readonly mountPoint: string;
  readonly fsType: string;
}

/** File systems behind which there is a server, or a program in user space, that may be gone. */
const network =
  /^(9p|afs|beegfs|ceph|cifs|coda|davfs|fuse(\..+|blk)?|gfs2|glusterfs|gpfs|lustre|nfs4?|ocfs2|orangefs|smb3?|smbfs|virtiofs)$/;

/** File systems of this machine's kernel alone, whose numbers are in its memory: nothing to wait for. */
const atOnce = /^(devtmpfs|efivarfs|erofs|exfat|ext[234]|f2fs|ramfs|squashfs|tmpfs|vfat|xfs)$/;

/** Whether its numbers can be had without waiting, unless it lies below a mount that may hang. */
export function answersAtOnce({ fsType }: MountPlace): boolean {
  return atOnce.test(fsType);
}

/** Where those are mounted that may hang. */
export function networkRoots(mounts: readonly MountPlace[]): string[] {
  return mounts.filter(({ fsType }) => network.test(fsType)).map(({ mountPoint }) => mountPoint);
}

/** Tells of each of these mounts whether a look at it may hang: also what is mounted below one that may. */
export function hangable<M extends MountPlace>(mounts: readonly M[]): (mount: M) => boolean {
  const roots = networkRoots(mounts).map((root) => `${root}/`);
  return ({ mountPoint }) => roots.some((root) => `${mountPoint}/`.startsWith(root));
}
