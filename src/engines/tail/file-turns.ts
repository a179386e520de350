import type { Clock } from "../../lib/clock.ts";
import type { LogFile } from "./log-file.ts";
import { MovedError, type OpenFiles } from "./open-files.ts";
import type { HandOver, ReadQueue } from "./read-queue.ts";
import { type Reader, RefusedError } from "./reader.ts";
import type { TailMeters } from "./tail-meters.ts";
import type { Troubles } from "./troubles.ts";

export interface FileTurnsOptions {
  readonly reader: Reader;
  readonly open: OpenFiles;
  readonly clock: Clock;
  readonly meters: TailMeters;
  readonly troubles: Troubles;
  readonly queue: () => ReadQueue;
}

const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/** The reading side: one turn of a file, and what follows from how it ended. */
export class FileTurns {
  readonly #options: FileTurnsOptions;

  constructor(options: FileTurnsOptions) {
    this.#options = options;
  }

  async turn(file: LogFile, handOver: HandOver): Promise<void> {
    const { reader, clock, troubles, queue } = this.#options;
    const isTooEarly = clock.monotonic() < file.retryAt;
    // It comes again when the retry is due.
    if (file.state === "done" || isTooEarly) return;
    if (!file.followed.isNext(file)) {
      // It comes again when the files before it are read, and had not been read to its end.
      file.isDrained = false;
      return;
    }
    try {
      const result = await reader.turn(file, handOver, () => this.#letOthersOn(file));
      if (file.failures > 0) troubles.end(file.name.path);
      file.failures = 0;
      troubles.end(receiver);
      if (result === "other") await this.#mistaken(file);
      if (result === "more") queue().add(file);
    } catch (error) {
      await this.#failed(file, error);
    }
    if (file.isDrained) this.#letOthersOn(file);
  }

  /** A name that leads to the inode of a rotated file may lead to another file, which got that inode since. */
  async #mistaken(file: LogFile): Promise<void> {
    suspect(file);
    if (file.state === "rotated") await this.#options.open.close(file);
  }

  #letOthersOn(file: LogFile): void {
    const { files } = file.followed;
    file.isDrained = true;
    for (const other of files.slice(files.indexOf(file) + 1)) if (!other.isDrained) this.#options.queue().add(other);
  }

  async #failed(file: LogFile, error: unknown): Promise<void> {
    const { open, clock, meters, troubles } = this.#options;
    if (error instanceof MovedError) return suspect(file);
    meters.failure();
    file.retryAt = clock.monotonic() + Math.min(firstRetryMs * 2 ** file.failures, longestRetryMs);
    file.failures++;
    if (error instanceof RefusedError) return troubles.fail(receiver, error.message, error.cause);
    // A stale handle of a network file system never works again; a new one may.
    await open.close(file);
    troubles.fail(file.name.path, `cannot read ${file.path}`, error);
    // The files after it need not wait for one that cannot be read.
    file.isDrained = true;
  }
}

/** As the key of a trouble; no path is called so. */
const receiver = "receiver";

/** Its bytes are not there any more: the following side finds out what became of them. */
function suspect(file: LogFile): void {
  file.isSuspect = true;
  file.followed.lookAt = 0;
}
