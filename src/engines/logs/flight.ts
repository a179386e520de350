/** How much may be under way to the receivers, for all that share it. */
export class Room {
  readonly #bytes: number;
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  enter(bytes: number): void {
    this.#used += bytes;
  }

  leave(bytes: number): void {
    this.#used -= bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves once there is room. */
  async free(): Promise<void> {
    while (this.#used >= this.#bytes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * What one source has under way. Receivers acknowledge when a request of theirs is full or old enough, which may take a
 * second: a source that waited for each piece would be read at the pace of a piece a second. So pieces follow one another
 * as long as there is room, and their acknowledgements count in the order in which the pieces were read:
 *
 *     read ─► piece 3 ─► piece 2 ─► piece 1 ─► receivers        room is used up: no more is read
 *                         acked      not yet                    the position stays in front of piece 1
 */
export class Flight {
  readonly #room: Room;
  #last: Promise<boolean> = Promise.resolve(true);
  #isEnded = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Takes note of a piece that is under way; `delivered` gives false when it was given up, and then so is all behind it.
   * `onAcked` is called once it and all before it are delivered. Resolves when there is room for the next piece: false if
   * there is no use in one.
   */
  async add(delivered: Promise<boolean>, bytes: number, onAcked: () => void): Promise<boolean> {
    this.#room.enter(bytes);
    this.#last = this.#settle(this.#last, delivered, onAcked).finally(() => this.#room.leave(bytes));
    // Whoever lands is told of what went wrong.
    this.#last.catch(() => {});
    await this.#room.free();
    return !this.#isEnded;
  }

  /** Resolves when nothing is under way any more. */
  async land(): Promise<void> {
    await this.#last;
  }

  async #settle(before: Promise<boolean>, delivered: Promise<boolean>, onAcked: () => void): Promise<boolean> {
    const [isInOrder, isDelivered] = await Promise.all([before, delivered]);
    if (isInOrder && isDelivered) onAcked();
    else this.#isEnded = true;
    return isInOrder && isDelivered;
  }
}
