export interface Datagram {
  readonly message: Buffer;
  /** The sender's IP address. */
  readonly from: string;
}

/** Datagrams that have come and wait: a sender cannot be told to wait, so there is a limit. */
export class DatagramQueue {
  readonly #limit: number;
  #waiting: Datagram[] = [];
  /** Those that are being dealt with count, too. */
  #underWay = 0;
  #isClosed = false;
  #wake = () => {};

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when it is full. */
  add(message: Buffer, from: string): boolean {
    if (this.#waiting.length + this.#underWay >= this.#limit) return false;
    this.#waiting.push({ message, from });
    this.#wake();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Hands over all that has come since the last time. Resolves when the queue is closed and empty. */
  async drain(take: (datagrams: readonly Datagram[]) => Promise<void>): Promise<void> {
    for (;;) {
      if (this.#waiting.length === 0 && !this.#isClosed) await this.#change();
      if (this.#waiting.length === 0 && this.#isClosed) return;
      const datagrams = this.#waiting;
      this.#waiting = [];
      this.#underWay = datagrams.length;
      await take(datagrams);
      this.#underWay = 0;
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      // All that the kernel has comes in one turn of the event loop, and then goes on in one batch.
      this.#wake = () => setImmediate(resolve);
    });
  }
}
