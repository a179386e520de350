import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { KeptFiles } from "../../lib/kept-files.ts";
import { errorCode } from "./error-code.ts";
import { attributeSize, attributeText, KeptAttributes } from "./kept-attributes.ts";

export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** Reads an attribute of one device; undefined where the kernel's answer is one of `absent`. */
export type ReadAttribute = (attribute: string, absent: readonly string[]) => string | undefined;

/**
 * Reads the small files of /proc and /sys, of which those that every scrape reads stay open.
 *
 * Synchronous on purpose: these files come from memory, and a promise for each costs ten times the read. What can
 * block (network file systems, slow drivers) must not be read here.
 */
export class HostFiles {
  readonly paths: HostPaths;
  readonly #files = new KeptFiles();
  readonly #attributes = new KeptAttributes();
  readonly #buffer = Buffer.allocUnsafe(attributeSize);

  constructor(paths: HostPaths) {
    this.paths = paths;
  }

  /** A file of procfs, whole. Its descriptor stays open. With latin1 the text is a byte string. */
  proc(name: string, encoding: "utf8" | "latin1" = "utf8"): string {
    const path = join(this.paths.procfs, name);
    try {
      return this.#files.read(path, encoding);
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
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
   * The same for the attributes of a device that every scrape reads: their descriptors stay open, which costs a sixth of
   * opening them. For one scrape: whether the folder is still the same device is looked up here, once for all attributes.
   * The common case of an attribute that is absent must not cost an error's wrapping.
   */
  sysKept(folder: string): ReadAttribute {
    const device = join(this.paths.sysfs, folder);
    this.#attributes.forgetRenamed(device);
    return (attribute, absent) => {
      const path = `${device}/${attribute}`;
      try {
        return this.#attributes.read(path);
      } catch (cause) {
        if (absent.includes(errorCode(cause) ?? "")) return undefined;
        throw new Error(`cannot read ${path}`, { cause });
      }
    };
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
    this.#files.close();
    this.#attributes.close();
  }

  #readOnce(path: string): string {
    try {
      return this.#files.readOnce(path);
    } catch (cause) {
      throw new Error(`cannot read ${path}`, { cause });
    }
  }
}

function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}
