import type { LogFile } from "./log-file.ts";

/** Called once the entries are with the receiver, before it has acknowledged them: what is read is no burden any more. */
export type HandOver = (bytes: number) => void;

export interface ReadLimits {
  /** Files that are read at the same time. */
  readonly reading: number;
  /** Bytes that are with the receiver and not acknowledged, after which no turn begins. */
  readonly unacknowledged: number;
}

/** Bytes that a file may give before it is another one's turn. */
export const quota = 64 * 1024;

/** Where few files have something to give, a turn may be longer: each waits for its acknowledgement. */
const longestTurn = 1024 * 1024;

/**
 * Whose turn it is to be read: first come, first served, and behind all others after a turn. One turn of a file at a
 * time, and bounded numbers of files that are read and of bytes that wait for their receiver. A file that waits for it
 * holds up no other.
 */
export class ReadQueue {
  readonly #limits: ReadLimits;
  readonly #turn: (file: LogFile, handOver: HandOver) => Promise<void>;
  readonly #waiting = new Set<LogFile>();
  readonly #running = new Set<Promise<void>>();
  #reading = 0;
  #unacknowledged = 0;
  #isStopped = false;

  constructor(limits: ReadLimits, turn: (file: LogFile, handOver: HandOver) => Promise<void>) {
    this.#limits = limits;
    this.#turn = turn;
  }

  /** Bytes that a turn may take now. */
  get share(): number {
    const files = Math.max(1, this.#waiting.size + this.#running.size);
    return Math.max(quota, Math.min(longestTurn, this.#limits.unacknowledged / 4 / files));
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
    const { reading, unacknowledged } = this.#limits;
    while (!this.#isStopped && this.#reading < reading && this.#unacknowledged < unacknowledged) {
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
    let handedOver: number | undefined;
    this.#reading++;
    try {
      await this.#turn(file, (bytes) => {
        handedOver = bytes;
        this.#reading--;
        this.#unacknowledged += bytes;
        this.#pump();
      });
    } finally {
      if (handedOver === undefined) this.#reading--;
      else this.#unacknowledged -= handedOver;
      file.isReading = false;
      if (file.isWanted) this.#waiting.add(file);
    }
  }
}
