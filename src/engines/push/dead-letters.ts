import { join } from "node:path";
import { type Disk, type DiskFile, errnoOf, writeAll } from "../../lib/disk.ts";
import type { Logger } from "../../lib/logger.ts";

export interface DeadLettersOptions {
  readonly disk: Disk;
  /** Made when there is something to write. */
  readonly folder: string;
  /** In bytes, of both files together. */
  readonly limit?: number;
  /** What was rejected could not be written down. */
  readonly onFailure: (error: unknown) => void;
}

const defaultLimit = 16 * 2 ** 20;

/** What waits for a slow disk beyond this is not written down: whatever was rejected must not fill the memory. */
const waitingLimit = 4 * 2 ** 20;

/**
 * What receivers have rejected for good, with their own words: a line of JSON for each series or stream, for people and jq. Two
 * files take turns, so that the newest half of what is allowed is always there:
 *
 *     dead-letters.jsonl        written; when it has half of the limit, it takes the place of
 *     dead-letters.old.jsonl    the half before
 */
class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #half: number;
  #file: DiskFile | undefined;
  #size = 0;
  #waitingBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#half = Math.floor((options.limit ?? defaultLimit) / 2);
  }

  /** Writes them behind one another, as soon as the disk has time. */
  add(entries: readonly object[]): void {
    const lines = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    if (this.#waitingBytes + lines.length > waitingLimit) {
      this.#options.onFailure(new Error("the disk is too slow"));
      return;
    }
    this.#waitingBytes += lines.length;
    this.#writing = this.#writing.then(async () => {
      await this.#write(lines).catch(async (error) => {
        await this.#close();
        this.#options.onFailure(error);
      });
      this.#waitingBytes -= lines.length;
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#close();
  }

  async #write(lines: Buffer): Promise<void> {
    if (this.#file !== undefined && this.#size + lines.length > this.#half) await this.#turn();
    this.#file ??= await this.#open();
    await writeAll(this.#file, lines, this.#size);
    this.#size += lines.length;
  }

  async #turn(): Promise<void> {
    await this.#close();
    const { disk, folder } = this.#options;
    await disk.rename(join(folder, "dead-letters.jsonl"), join(folder, "dead-letters.old.jsonl"));
  }

  async #open(): Promise<DiskFile> {
    const { disk, folder } = this.#options;
    const path = join(folder, "dead-letters.jsonl");
    await disk.makeFolder(folder);
    const file = await disk.open(path, "update").catch((error) => {
      if (errnoOf(error) === "ENOENT") return disk.open(path, "create");
      throw error;
    });
    this.#size = (await file.stat()).size;
    return file;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }
}

/** Those of a component: when they cannot be written, its log says so once. */
export function deadLettersIn(folder: string, disk: Disk, log: Logger): DeadLetters {
  let isFailing = false;
  return new DeadLetters({
    disk,
    folder,
    onFailure(error) {
      if (!isFailing) log.error("cannot write down what an endpoint has rejected", { error });
      isFailing = true;
    },
  });
}
