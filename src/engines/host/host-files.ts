import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** Enough for nearly every file in one read; it grows where one is longer. */
const firstBufferSize = 64 * 1024;
/** What node_exporter reads of a sysfs attribute. */
const attributeSize = 128;

/**
 * Reads the small files of /proc and /sys.
 *
 *     proc("stat")   open once ──► pread at 0 ──► pread ──► 0 bytes: the end
 *                        ▲  each pread at 0 gives fresh content, without the walk along the path
 *                        └─ an error: close, open again, once
 *
 * Synchronous on purpose: these files come from memory, and a promise for each costs ten times the read. What can
 * block (network file systems, slow drivers) must not be read here. All reads share one buffer.
 */
export class HostFiles {
  readonly paths: HostPaths;
  readonly #open = new Map<string, number>();
  #isClosed = false;
  #buffer = Buffer.allocUnsafe(firstBufferSize);

  constructor(paths: HostPaths) {
    this.paths = paths;
  }

  /** A file of procfs, whole. Its descriptor stays open. With latin1 the text is a byte string. */
  proc(name: string, encoding: "utf8" | "latin1" = "utf8"): string {
    try {
      const kept = this.#open.get(name);
      if (kept !== undefined) return this.#readKept(name, kept, encoding);
      const opened = openSync(join(this.paths.procfs, name), "r");
      this.#open.set(name, opened);
      const text = this.#readAll(opened, encoding);
      if (this.#isClosed) this.#forget(name);
      return text;
    } catch (cause) {
      this.#forget(name);
      throw new Error(`cannot read ${join(this.paths.procfs, name)}`, { cause });
    }
  }

  /** An attribute of sysfs, trimmed; undefined if it is missing or has nothing to say (EINVAL, EIO, …). */
  sys(name: string): string | undefined {
    let opened: number | undefined;
    try {
      opened = openSync(join(this.paths.sysfs, name), "r");
      const length = readSync(opened, this.#buffer, 0, attributeSize, 0);
      return this.#buffer.toString("utf8", 0, length).trim();
    } catch {
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
    let opened: number | undefined;
    try {
      opened = openSync(path, "r");
      return this.#readAll(opened, "utf8");
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw new Error(`cannot read ${path}`, { cause });
    } finally {
      if (opened !== undefined) closeSync(opened);
    }
  }

  /** Lets go of all descriptors. A read that comes later (a scrape that was under way) still works and keeps none. */
  close(): void {
    this.#isClosed = true;
    for (const name of [...this.#open.keys()]) this.#forget(name);
  }

  #readKept(name: string, descriptor: number, encoding: "utf8" | "latin1"): string {
    try {
      return this.#readAll(descriptor, encoding);
    } catch {
      // The process, the device or the mount behind the descriptor is gone; under the name there may be another one.
      this.#forget(name);
      return this.proc(name, encoding);
    }
  }

  /** The sizes that procfs and sysfs claim mean nothing: only a read of 0 bytes is the end. */
  #readAll(descriptor: number, encoding: "utf8" | "latin1"): string {
    let length = 0;
    for (;;) {
      if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], this.#buffer.length * 2);
      const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return this.#buffer.toString(encoding, 0, length);
  }

  #forget(name: string): void {
    const descriptor = this.#open.get(name);
    if (descriptor === undefined) return;
    this.#open.delete(name);
    closeSync(descriptor);
  }
}

/** ENOENT, EACCES, …: of the error or of what caused it. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error as NodeJS.ErrnoException).code ?? errorCode(error.cause);
}
