import { closeSync, openSync, read, readSync, statSync } from "node:fs";
import { errorCode } from "./error-code.ts";

/** What node_exporter reads of a sysfs attribute. */
export const attributeSize = 128;
/** Devices come and go; when so many descriptors are open, all are closed and opened again as they are needed. */
const mostKept = 1024;

/**
 * Attributes of sysfs whose descriptors stay open from scrape to scrape.
 *
 *     read ──► kept? ──► pread at 0: fresh content, for a sixth of what opening costs
 *                 └────► ENODEV: the device is gone; open what is there under its name now
 *
 * A device may be renamed (eth0 becomes lan0, another one eth0): its open descriptors go with it, without an error. Of
 * devices that can be, forgetRenamed looks first whether the folder is still the same inode.
 *
 * A descriptor that a thread reads from is not closed before it is done: its number could be another file's by then.
 */
export class KeptAttributes {
  readonly #open = new Map<string, number>();
  /** The inodes of devices' folders, by path. A rename keeps them: they are the device's, not the name's. */
  readonly #inodes = new Map<string, number>();
  readonly #doomed: number[] = [];
  readonly #buffer = Buffer.allocUnsafe(attributeSize);
  #pending = 0;
  #isClosed = false;

  /** Forgets what was read below the folder if it is another device now. */
  forgetRenamed(folder: string): void {
    const inode = statSync(folder, { throwIfNoEntry: false })?.ino ?? 0;
    const known = this.#inodes.get(folder);
    if (known === inode) return;
    if (known !== undefined) this.#forgetBelow(folder);
    this.#inodes.set(folder, inode);
  }

  /** Throws what the kernel says. */
  read(path: string): string {
    try {
      return this.#readAt(this.#descriptor(path));
    } catch (error) {
      if (!this.#isGone(path, error)) throw error;
      return this.#readAt(this.#descriptor(path));
    } finally {
      if (this.#isClosed) this.#forgetAll();
    }
  }

  /** The same off the event loop. */
  async readLater(path: string): Promise<string> {
    try {
      return await this.#readAtLater(this.#descriptor(path));
    } catch (error) {
      if (!this.#isGone(path, error)) throw error;
      return await this.#readAtLater(this.#descriptor(path));
    } finally {
      if (this.#isClosed) this.#forgetAll();
    }
  }

  /** Lets go of all descriptors; later reads keep none. */
  close(): void {
    this.#isClosed = true;
    this.#forgetAll();
  }

  /** Opening asks no driver, so it need not be done elsewhere. */
  #descriptor(path: string): number {
    const kept = this.#open.get(path);
    if (kept !== undefined) return kept;
    if (this.#open.size >= mostKept) this.#forgetAll();
    const opened = openSync(path, "r");
    this.#open.set(path, opened);
    return opened;
  }

  #readAt(descriptor: number): string {
    return attributeText(this.#buffer, readSync(descriptor, this.#buffer, 0, attributeSize, 0));
  }

  async #readAtLater(descriptor: number): Promise<string> {
    this.#pending++;
    try {
      return await new Promise((resolve, reject) => {
        read(descriptor, Buffer.allocUnsafe(attributeSize), 0, attributeSize, 0, (error, length, buffer) => {
          if (error === null) resolve(attributeText(buffer, length));
          else reject(error);
        });
      });
    } finally {
      this.#pending--;
      this.#closeDoomed();
    }
  }

  /** Other errors than ENODEV are the attribute's answer: a device that is down has no speed (EINVAL). */
  #isGone(path: string, error: unknown): boolean {
    const kept = this.#open.get(path);
    if (kept === undefined || errorCode(error) !== "ENODEV") return false;
    this.#open.delete(path);
    this.#doomed.push(kept);
    this.#closeDoomed();
    return true;
  }

  #forgetBelow(folder: string): void {
    for (const [path, descriptor] of this.#open) {
      if (!path.startsWith(`${folder}/`)) continue;
      this.#open.delete(path);
      this.#doomed.push(descriptor);
    }
    this.#closeDoomed();
  }

  #forgetAll(): void {
    this.#inodes.clear();
    this.#doomed.push(...this.#open.values());
    this.#open.clear();
    this.#closeDoomed();
  }

  #closeDoomed(): void {
    if (this.#pending > 0) return;
    for (const descriptor of this.#doomed.splice(0)) closeSync(descriptor);
  }
}

/** Trimmed; a run of bytes that are no UTF-8 becomes one U+FFFD, as in node_exporter's labels. */
export function attributeText(buffer: Buffer, length: number): string {
  const text = buffer.toString("utf8", 0, length).trim();
  return text.includes("\uFFFD") ? text.replace(/\uFFFD+/g, "\uFFFD") : text;
}
