import type { LogFile } from "./log-file.ts";

/**
 * Called when entries are with the receiver, which has not acknowledged them: who reads waits no longer for the disk. What it
 * returns is called when they are acknowledged, or given up.
 */
export type HandOver = (bytes: number) => () => void;

export interface ReadLimits {
  /** Files that are read at the same time. */
  readonly reading: number;
  /** Bytes that are with the receiver and not acknowledged, after which no turn begins. */
  readonly unacknowledged: number;
}

/** Bytes that a file may give before it is another one's turn. */
export const quota = 64 * 1024;

/** Where few files have something to give, a turn may be longer. */
const longestTurn = 128 * 1024;

/** More of one file than two requests of Loki's usual size need not be under way. */
const mostAhead = 16;

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
    const share = Math.min(longestTurn, this.#limits.unacknowledged / 4 / files);
    // Few sizes, so that memory of one turn serves another.
    return Math.max(1, Math.floor(share / quota)) * quota;
  }

  /** Shares that one file may have with the receiver: one whose entries are held back leaves room for the others. */
  get ahead(): number {
    return Math.min(mostAhead, Math.floor(this.#limits.unacknowledged / 2 / this.share));
  }

  /** Whether a file waits for its turn. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  get hasRoom(): boolean {
    return this.#unacknowledged < this.#limits.unacknowledged;
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
    while (!this.#isStopped && this.#reading < this.#limits.reading && this.hasRoom) {
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
    let isRead = false;
    const read = () => {
      if (!isRead) this.#reading--;
      isRead = true;
    };
    this.#reading++;
    try {
      await this.#turn(file, (bytes) => {
        read();
        return this.#hold(bytes);
      });
    } finally {
      read();
      file.isReading = false;
      if (file.isWanted) this.#waiting.add(file);
    }
  }

  #hold(bytes: number): () => void {
    this.#unacknowledged += bytes;
    this.#pump();
    let isHeld = true;
    return () => {
      if (isHeld) this.#unacknowledged -= bytes;
      isHeld = false;
      this.#pump();
    };
  }
}
