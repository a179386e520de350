import type { Logger } from "../../lib/logger.ts";

/** Adds to the end of a file, and makes it where it is missing. */
export type AppendFile = (path: string, text: string) => Promise<void>;

export interface FailedScrape {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly target: string;
  readonly component: string;
  readonly error: string;
}

/** Beyond these a disk that hangs costs lines instead of memory. */
const maxWaiting = 10_000;

/**
 * The file of `scrape_failure_log_file`: one JSON object a line for each scrape that failed. The file is opened for each
 * write and closed behind it, so that it may be renamed or removed at any time, as logrotate does.
 */
export class FailureLog {
  readonly #append: AppendFile;
  readonly #log: Logger;
  #path: string | undefined;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #isBroken = false;

  constructor(append: AppendFile, log: Logger) {
    this.#append = append;
    this.#log = log;
  }

  /** Where to write from now on; undefined for nowhere. */
  use(path: string | undefined): void {
    if (path !== this.#path) this.#isBroken = false;
    this.#path = path;
  }

  add({ timestamp, target, component, error }: FailedScrape): void {
    if (this.#path === undefined || this.#waiting.length >= maxWaiting) return;
    const time = new Date(timestamp).toISOString();
    const line = { time, level: "ERROR", msg: "scrape failed", target, component, error };
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= this.#write();
  }

  /** Resolves when all lines are written or given up. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && this.#path !== undefined) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      await this.#tryToAppend(this.#path, text);
    }
    this.#writing = undefined;
  }

  async #tryToAppend(path: string, text: string): Promise<void> {
    try {
      await this.#append(path, text);
      if (this.#isBroken) this.#log.info("scrape_failure_log_file can be written again", { path });
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken) this.#log.warn("cannot write scrape_failure_log_file; its lines are lost", { path, error });
      this.#isBroken = true;
    }
  }
}
