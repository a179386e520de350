import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { KeptFiles } from "../../lib/kept-files.ts";

export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** What node_exporter reads of a sysfs attribute. */
const attributeSize = 128;
/** Names that are remembered: a machine that keeps inventing devices must not fill the memory. */
const mostMissing = 4096;

/**
 * Reads the small files of /proc and /sys, synchronously: those of procfs by descriptors that stay open. Nothing that can block (network file systems, slow drivers) may be read here.
 */
export class HostFiles {
  readonly paths: HostPaths;
  readonly #proc = new KeptFiles();
  /** Names of attributes that could not be opened. */
  readonly #missing = new Set<string>();
  readonly #buffer = Buffer.allocUnsafe(attributeSize);

  constructor(paths: HostPaths) {
    this.paths = paths;
  }

  /** A file of procfs, whole. Its descriptor stays open. With latin1 the text is a byte string. */
  proc(name: string, encoding: "utf8" | "latin1" = "utf8"): string {
    const path = `${this.paths.procfs}/${name}`;
    try {
      return this.#proc.read(path, encoding);
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
    }
  }

  /**
   * An attribute of sysfs, trimmed; undefined if it is missing or has nothing to say (EINVAL, EIO, …). It is opened each
   * time: network devices change their names, and a descriptor would go with the device.
   */
  sys(name: string): string | undefined {
    const path = `${this.paths.sysfs}/${name}`;
    // What was missing mostly still is, and to look costs less than an exception.
    if (this.#missing.has(name) && !existsSync(path)) return undefined;
    let opened: number | undefined;
    try {
      opened = openSync(path, "r");
      this.#missing.delete(name);
      const length = readSync(opened, this.#buffer, 0, attributeSize, 0);
      return this.#buffer.toString("utf8", 0, length).trim();
    } catch {
      if (opened === undefined && this.#missing.size < mostMissing) this.#missing.add(name);
      return undefined;
    } finally {
      if (opened !== undefined) closeSync(opened);
    }
  }

  /** The names in a folder of sysfs, sorted; none if it does not exist. */
  sysNames(folder: string): string[] {
    try {
      return readdirSync(join(this.paths.sysfs, folder)).sort();
    } catch {
      return [];
    }
  }

  /** An ordinary file, whole; undefined if it does not exist. */
  text(path: string): string | undefined {
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw new Error(`cannot read ${path}`, { cause });
    }
  }

  /** Lets go of all descriptors. A read that comes later (a scrape that was under way) still works and keeps none. */
  close(): void {
    this.#proc.close();
  }
}

/** ENOENT, EACCES, …: of the error or of what caused it. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error as NodeJS.ErrnoException).code ?? errorCode(error.cause);
}
