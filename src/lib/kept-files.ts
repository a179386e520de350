import { closeSync, openSync, readSync } from "node:fs";

/** Enough for nearly every file in one read; it grows where one is longer. */
const firstBufferSize = 64 * 1024;

/**
 * Reads files that the kernel writes anew at each look, such as those of procfs.
 *
 *     read(path)   open once ──► pread at 0 ──► pread ──► 0 bytes: the end
 *                      ▲  each pread at 0 gives fresh content, without the walk along the path
 *                      └─ an error: close, open again, once
 *
 * Synchronous on purpose: these files come from memory, and a promise for each costs ten times the read. What can block
 * (network file systems, slow drivers) must not be read here. All reads share one buffer.
 */
export class KeptFiles {
  readonly #open = new Map<string, number>();
  #isClosed = false;
  #buffer = Buffer.allocUnsafe(firstBufferSize);

  /** The file, whole; with latin1 the text is a byte string. Throws what opening and reading throw. */
  read(path: string, encoding: "utf8" | "latin1" = "utf8"): string {
    try {
      const kept = this.#open.get(path);
      if (kept !== undefined) return this.#readKept(path, kept, encoding);
      const opened = openSync(path, "r");
      this.#open.set(path, opened);
      const text = this.#readAll(opened, encoding);
      if (this.#isClosed) this.#forget(path);
      return text;
    } catch (error) {
      this.#forget(path);
      throw error;
    }
  }

  /** The file, whole, for those that are read seldom. Keeps no descriptor. */
  readOnce(path: string): string {
    const opened = openSync(path, "r");
    try {
      return this.#readAll(opened, "utf8");
    } finally {
      closeSync(opened);
    }
  }

  /** Lets go of all descriptors. A read that comes later (a scrape that was under way) still works and keeps none. */
  close(): void {
    this.#isClosed = true;
    for (const path of [...this.#open.keys()]) this.#forget(path);
  }

  #readKept(path: string, descriptor: number, encoding: "utf8" | "latin1"): string {
    try {
      return this.#readAll(descriptor, encoding);
    } catch {
      // The process, the device or the mount behind the descriptor is gone; under the name there may be another one.
      this.#forget(path);
      return this.read(path, encoding);
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

  #forget(path: string): void {
    const descriptor = this.#open.get(path);
    if (descriptor === undefined) return;
    this.#open.delete(path);
    closeSync(descriptor);
  }
}
