import type { LogFile } from "./log-file.ts";

/**
 * Whose turn it is to be read: first come, first served, and behind all others after a turn. One turn of a file at a
 * time, and a bounded number of them in all. A file that waits for its receiver holds up no other.
 */
export class ReadQueue {
  readonly #limit: number;
  readonly #turn: (file: LogFile) => Promise<void>;
  readonly #waiting = new Set<LogFile>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(limit: number, turn: (file: LogFile) => Promise<void>) {
    this.#limit = limit;
    this.#turn = turn;
  }

  add(file: LogFile): void {
    if (file.isReading) file.isWanted = true;
    else this.#waiting.add(file);
    this.#pump();
  }

  remove(file: LogFile): void {
    file.isWanted = false;
    this.#waiting.delete(file);
  }

  /** No turn begins any more; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled(this.#running);
  }

  #pump(): void {
    while (!this.#isStopped && this.#running.size < this.#limit) {
      const [file] = this.#waiting;
      if (file === undefined) return;
      this.#waiting.delete(file);
      const running = this.#run(file).finally(() => {
        this.#running.delete(running);
        this.#pump();
      });
      this.#running.add(running);
    }
  }

  async #run(file: LogFile): Promise<void> {
    file.isReading = true;
    file.isWanted = false;
    try {
      await this.#turn(file);
    } finally {
      file.isReading = false;
      if (file.isWanted) this.#waiting.add(file);
    }
  }
}
