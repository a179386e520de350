import type { NetworkInterfaceInfo } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Labels } from "../../signals/labels.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import type { HelperPrograms } from "./helper-programs.ts";
import type { HostFiles } from "./host-files.ts";
import type { HostOptions } from "./options.ts";

/** A collector as node_exporter names it: one row of the table in collectors.ts. */
export interface CollectorSpec {
  readonly name: string;
  readonly enabledByDefault: boolean;
  /**
   * Opens nothing yet. What the closure keeps lives as long as the exporter. That a collector fails is logged without
   * its help; `log` is for what is wrong with a part of it.
   */
  create(host: Host, options: HostOptions, log: Logger): Collect;
}

/** Emits what there is. Throwing keeps what was emitted before; NoData says that this host has nothing of the kind. */
export type Collect = (emit: Emit) => void | Promise<void>;

/**
 * Label names must be in order. Empty values stay: they stand on node_exporter's page. `name` is that of the series
 * where it is not the family's: `_bucket`, `_sum` and `_count` of a text file's histogram.
 */
export type Emit = (family: Family, labels: Labels, value: number, name?: string) => void;

export type Family = Pick<MetricFamily, "name" | "help" | "type">;

export class NoData extends Error {}

/** Everything a collector may ask of the machine. */
export interface Host {
  readonly files: HostFiles;
  readonly clock: Clock;
  /** Takes a path in bytes, because a mount point need not be UTF-8. Rejects with libuv's error codes. */
  readonly statfs: StatFs;
  /** The same, synchronously, for file systems that answer from memory: most do, and a promise costs ten times that. */
  readonly statfsNow?: (path: Buffer) => FileSystemStats;
  /** The same where the call may never return: it holds none of this process' threads. */
  readonly statfsApart?: StatFs;
  readonly uname: () => Uname;
  /** Bytes of a page of memory. */
  readonly pageSize: () => number;
  /** As `os.networkInterfaces` has them. */
  readonly networkInterfaces: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** The local zone's TZif file; undefined is UTC. */
  readonly localZone: () => Uint8Array | undefined;
  /** Lets go of whatever the others hold: children, connections. */
  readonly close?: () => void;
  readonly helpers: HelperPrograms;
  /** Where the system bus listens: a list of addresses as the D-Bus specification has it. */
  readonly systemBusAddress: string;
}

export type StatFs = (path: Buffer) => Promise<FileSystemStats>;

/** As `fs.statfs` has it. */
export interface FileSystemStats {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

export interface Uname {
  readonly sysname: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly nodename: string;
  readonly domainname: string;
}

export function counter(name: string, help: string): Family {
  return { name, help, type: "counter" };
}

export function gauge(name: string, help: string): Family {
  return { name, help, type: "gauge" };
}

export function untyped(name: string, help: string): Family {
  return { name, help, type: "untyped" };
}
