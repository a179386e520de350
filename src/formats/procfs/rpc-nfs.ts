import { lines, malformed, unsigned, words } from "./text.ts";

/** The lines of /proc/net/rpc/nfs (the client) and /proc/net/rpc/nfsd (the server) by their first word. */
export type RpcStats = ReadonlyMap<string, readonly number[]>;

/** `known` are the lines that are read, with how many numbers each has at least; others may hold what they like. */
export function parseRpcStats(text: string, file: string, known: Readonly<Record<string, number>>): RpcStats {
  const stats = new Map<string, number[]>();
  for (const line of lines(text)) {
    const [name = "", ...fields] = words(line);
    const least = known[name];
    if (least === undefined) continue;
    // The threads' line goes on with fractions that mean nothing since Linux 2.6.
    const whole = name === "th" ? fields.slice(0, 2) : fields;
    if (whole.length < least) throw malformed(file, line);
    stats.set(
      name,
      whole.map((field) => unsigned(field, file, line)),
    );
  }
  return stats;
}

/**
 * The procedures of a `proc…` line, whose first number says how many there are. A kernel that knows fewer counts the
 * others as 0; what it counts beyond is left out.
 */
export function procedureCounts(
  numbers: readonly number[],
  procedures: readonly string[],
): (readonly [method: string, count: number])[] {
  return procedures.map((method, at) => [method, numbers[at + 1] ?? 0]);
}

/** Names of procedures, in the order in which the kernel counts them. */
export const nfs2 = list(`
  Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir
  FsStat`);

export const nfs3 = list(`
  Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir
  ReadDirPlus FsStat FsInfo PathConf Commit`);

export const nfs4Client = list(`
  Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID
  SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs
  ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID
  CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete GetDeviceInfo LayoutGet LayoutCommit LayoutReturn
  SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate DeAllocate
  LayoutStats Clone`);

/** The operations of a compound; the first three do not exist. */
export const nfs4Server = list(`
  Op0Unused Op1Unused Op2Future Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku
  Lookup LookupRoot Nverify Open OpenAttr OpenConfirm OpenDgrd PutFH PutPubFH PutRootFH Read ReadDir ReadLink Remove
  Rename Renew RestoreFH SaveFH SecInfo SetAttr SetClientID SetClientIDConfirm Verify Write RelLockOwner`);

function list(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
