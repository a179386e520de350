import type { Systeminformation } from "systeminformation";

/** What systeminformation knows of a machine that has no /proc. Each call may start programs of the system. */
export interface SystemInformation {
  memory(): Promise<Systeminformation.MemData>;
  fileSystems(): Promise<Systeminformation.FsSizeData[]>;
  /** All disks together; nothing where the system does not count them. */
  diskOperations(): Promise<Systeminformation.DisksIoData | null>;
  diskBytes(): Promise<Systeminformation.FsStatsData | null>;
  networks(): Promise<Systeminformation.NetworkStatsData[]>;
}

/** Loaded late: no machine with a /proc needs it. */
export async function systemInformation(): Promise<SystemInformation> {
  const { default: si } = await import("systeminformation");
  return {
    memory: () => si.mem(),
    fileSystems: () => si.fsSize(),
    diskOperations: () => si.disksIO(),
    diskBytes: () => si.fsStats(),
    networks: () => si.networkStats("*"),
  };
}
