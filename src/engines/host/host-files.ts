import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "./error-code.ts";
import { attributeSize, attributeText, KeptAttributes } from "./kept-attributes.ts";

export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** Enough for nearly every file in one read; it grows where one is longer. */
const firstBufferSize = 64 * 1024;

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
  readonly #attributes = new KeptAttributes();
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

  /** A file of procfs that is read once or seldom: of a process, of a pool. Keeps no descriptor. */
  procOnce(name: string): string {
    return this.#readOnce(join(this.paths.procfs, name));
  }

  /** The names in a folder of procfs, sorted. Throws if it does not exist. */
  procNames(folder: string): string[] {
    return namesIn(join(this.paths.procfs, folder));
  }

  /** An attribute of sysfs, trimmed; undefined if it is missing or has nothing to say (EINVAL, EIO, …). */
  sys(name: string): string | undefined {
    try {
      return this.sysAttribute(name);
    } catch {
      return undefined;
    }
  }

  /** An attribute of sysfs, trimmed. Throws what the kernel says. */
  sysAttribute(name: string): string {
    const path = join(this.paths.sysfs, name);
    let opened: number | undefined;
    try {
      opened = openSync(path, "r");
      return attributeText(this.#buffer, readSync(opened, this.#buffer, 0, attributeSize, 0));
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
    } finally {
      if (opened !== undefined) closeSync(opened);
    }
  }

  /**
   * The same of an attribute that every scrape reads: its descriptor stays open, which costs a sixth of opening it.
   * Undefined where the kernel's answer is one of `absent`: the common case of these must not cost an error's wrapping.
   */
  sysKept(name: string, absent: readonly string[]): string | undefined {
    const path = join(this.paths.sysfs, name);
    try {
      return this.#attributes.read(path);
    } catch (cause) {
      if (absent.includes(errorCode(cause) ?? "")) return undefined;
      throw new Error(`cannot read ${path}`, { cause });
    }
  }

  /**
   * The same off the event loop, for attributes behind which a driver asks its hardware: a frequency may take 50 ms, a
   * sensor on a slow bus longer. Their descriptors are kept too.
   */
  async sysLater(name: string): Promise<string> {
    const path = join(this.paths.sysfs, name);
    try {
      return await this.#attributes.readLater(path);
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
    }
  }

  /** A file of sysfs that is longer than an attribute, whole. */
  sysOnce(name: string): string {
    return this.#readOnce(join(this.paths.sysfs, name));
  }

  /** The names in a folder of sysfs, sorted; none if it does not exist. */
  sysNames(folder: string): string[] {
    try {
      return namesIn(join(this.paths.sysfs, folder));
    } catch {
      return [];
    }
  }

  /** Those of them that are no regular files, such as the devices in a folder of a class. */
  sysFolders(folder: string): string[] {
    const entries = readdirSync(join(this.paths.sysfs, folder), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
      .sort();
  }

  hasSys(name: string): boolean {
    return existsSync(join(this.paths.sysfs, name));
  }

  /** An ordinary file, whole; undefined if it does not exist. */
  text(path: string): string | undefined {
    try {
      return this.#readOnce(path);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Lets go of all descriptors. A read that comes later (a scrape that was under way) still works and keeps none. */
  close(): void {
    this.#isClosed = true;
    for (const name of [...this.#open.keys()]) this.#forget(name);
    this.#attributes.close();
  }

  #readOnce(path: string): string {
    let opened: number | undefined;
    try {
      opened = openSync(path, "r");
      return this.#readAll(opened, "utf8");
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
    } finally {
      if (opened !== undefined) closeSync(opened);
    }
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

function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}
