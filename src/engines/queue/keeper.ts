import type { Clock } from "../../lib/clock.ts";
import type { Store } from "./store.ts";
import type { Tail } from "./tail.ts";
import { describeTrouble } from "./trouble.ts";

export interface KeeperOptions {
  readonly clock: Clock;
  readonly folder: string;
  readonly store: Store;
  readonly tail: Tail;
  /** Whether blocks are accepted that only memory holds, while the disk is down. */
  readonly acceptsIntoMemory: boolean;
  /** Called when `isDown` or its reason changes. */
  readonly onTrouble: (reason: string | undefined) => void;
  /** Called after each round. */
  readonly done: () => void;
}

/** Group commit, and the saving of cursors. */
const tickMs = 1000;

const probeMs = 5000;

const spaceCheckMs = 5000;

/** A disk that says nothing for so long is as good as gone until it answers. */
const patienceMs = 30_000;

/**
 * Says when the store does what: one round at a time, after each append and each second in which there is something to
 * make durable. An idle queue has no timer.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  #isStarted = false;
  #isWanted = false;
  #isTickDue = false;
  #isForgetting = false;
  #hasMoved = false;
  #round: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #spaceChecked = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #trouble: string | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** While it is, blocks stay in memory. */
  get isDown(): boolean {
    return this.#trouble !== undefined;
  }

  start(): void {
    this.#isStarted = true;
    this.poke();
  }

  /** There is something to do. While the disk is down, the next probe does it. */
  poke(): void {
    this.#isWanted = true;
    if (this.isDown) this.#options.done();
    else if (this.#isStarted) this.#round ??= this.#rounds();
  }

  /** A reader has moved: its cursor is saved within a second. */
  noteMove(): void {
    this.#hasMoved = true;
    if (this.isDown) this.#options.done();
    else this.#scheduleTick();
  }

  /** The files of readers that are gone are deleted. */
  forgetCursors(): void {
    this.#isForgetting = true;
    this.poke();
  }

  /** Does what is left to do, at most for that long. */
  async close(timeoutMs: number): Promise<void> {
    const { clock, store } = this.#options;
    const overdue = Promise.withResolvers<void>();
    const cancel = clock.after(timeoutMs, overdue.resolve);
    const finish = async () => {
      await this.#settled();
      this.#cancel();
      if (!this.#isStarted) return;
      this.#isTickDue = true;
      this.#round = this.#probe();
      await this.#settled();
      this.#isStarted = false;
      this.#cancel();
      await store.close().catch((error) => this.#fail(error));
    };
    await Promise.race([finish(), overdue.promise]);
    cancel();
    this.#isStarted = false;
    this.#cancel();
  }

  /** Nothing may begin between the end of the last round and what comes then: two at a time would be one too many. */
  async #settled(): Promise<void> {
    while (this.#round !== undefined) await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#isWanted && !this.isDown) {
      this.#isWanted = false;
      await this.#attempt();
    }
    this.#round = undefined;
  }

  async #attempt(): Promise<void> {
    const { clock, done } = this.#options;
    const cancelPatience = clock.after(patienceMs, () => this.#setTrouble(new Error("it does not answer")));
    try {
      await this.#work();
      this.#failures = 0;
      this.#setTrouble(undefined);
    } catch (error) {
      this.#fail(error);
    } finally {
      cancelPatience();
    }
    done();
  }

  async #work(): Promise<void> {
    const { store } = this.#options;
    const isTick = this.#isTickDue;
    const [hasMoved, isForgetting] = [this.#hasMoved && isTick, this.#isForgetting];
    this.#isTickDue = false;
    this.#isForgetting = false;
    if (isTick) this.#hasMoved = false;
    if (isTick && store.log !== undefined) await store.wasDeleted();
    const isOpening = store.log === undefined;
    if (isOpening) await store.open();
    if (this.#isSpaceDue()) await store.trimmer?.leaveSpace();
    await store.writeWaiting();
    await store.trimmer?.enforceBounds();
    if (isTick) await store.sync();
    if (isForgetting) await store.keepCursors();
    if (hasMoved) await store.saveCursors();
    if (isOpening || isTick || isForgetting) await store.trimmer?.removeFinished();
    if (store.isUnsynced || this.#hasMoved) this.#scheduleTick();
  }

  #isSpaceDue(): boolean {
    const now = this.#options.clock.monotonic();
    if (now - this.#spaceChecked < spaceCheckMs) return false;
    this.#spaceChecked = now;
    return true;
  }

  #scheduleTick(): void {
    if (!this.#isStarted || this.isDown) return;
    this.#cancelTimer ??= this.#options.clock.after(tickMs, () => {
      this.#cancelTimer = undefined;
      this.#isTickDue = true;
      this.poke();
    });
  }

  /** The first failure may be over already: what was in the way is out of it, and the next attempt goes elsewhere. */
  #fail(error: unknown): void {
    const { clock, tail } = this.#options;
    tail.mark(tail.inState("writing"), "waiting");
    this.#failures++;
    this.#isTickDue = true;
    this.#hasMoved = true;
    this.#isForgetting = true;
    this.#isWanted = true;
    if (this.#failures === 1 && !this.isDown) return;
    this.#setTrouble(error);
    this.#cancel();
    if (!this.#isStarted) return;
    this.#cancelTimer = clock.after(probeMs, () => {
      this.#cancelTimer = undefined;
      this.#round ??= this.#probe();
    });
  }

  async #probe(): Promise<void> {
    await this.#attempt();
    await this.#rounds();
  }

  #setTrouble(error: unknown): void {
    const { folder, tail, acceptsIntoMemory, onTrouble, done } = this.#options;
    const reason = error === undefined ? undefined : describeTrouble(error, folder);
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    if (reason !== undefined && acceptsIntoMemory) {
      for (const { accepted } of tail.unsafe) accepted.resolve();
    }
    onTrouble(reason);
    done();
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
