import { Backoff } from "../../lib/backoff.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Outcome } from "./push-client.ts";

/** Where the blocks come from: the part of a queue's reader that sending needs. */
export interface BlockSource {
  peek(stop: AbortSignal): Promise<OutgoingBlock | undefined>;
  ack(sequence: number): void;
}

export interface OutgoingBlock {
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly records: number;
  /** Milliseconds since the epoch, of the newest record. */
  readonly maxTimestamp: number;
  /** What the payload is, where a queue holds more than one kind. */
  readonly kind?: number;
}

export interface SenderOptions {
  readonly source: BlockSource;
  /** One attempt, see Delivery. */
  readonly push: (block: OutgoingBlock, retry: number, stop: AbortSignal) => Promise<Outcome>;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How a sender is told to end, from the mildest to the hardest. */
export interface SenderSignals {
  /** Send what the queue holds, then end. A parked endpoint ends at once. */
  readonly drain: AbortSignal;
  /** End after the attempt that is under way. */
  readonly retire: AbortSignal;
  /** End now. */
  readonly giveUp: AbortSignal;
}

/** A parked endpoint is asked again this often: whoever repaired it should not have to restart the agent. */
const parkBackoff = { minMs: 30_000, maxMs: 300_000 };

/** Between no jitter, which makes agents that failed together come back together, and too much, which undoes doubling. */
const jitter = 0.1;

/** The loop of one endpoint: one block at a time, in order, the same block until its fate is known. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #retryBackoff: Backoff;
  readonly #parkBackoff: Backoff;
  #sequence = 0;
  #retries = 0;

  constructor(options: SenderOptions) {
    const { minBackoffMs, maxBackoffMs, random } = options;
    this.#options = options;
    this.#retryBackoff = new Backoff({ minMs: minBackoffMs, maxMs: maxBackoffMs, jitter, random });
    this.#parkBackoff = new Backoff({ ...parkBackoff, jitter, random });
  }

  async run(signals: SenderSignals): Promise<void> {
    const noNewBlock = AbortSignal.any([signals.drain, signals.retire, signals.giveUp]);
    const ended = AbortSignal.any([signals.retire, signals.giveUp]);
    while (!ended.aborted) {
      // Asked for anew before every attempt: a block may grow too old between two of them.
      const block = await this.#options.source.peek(noNewBlock);
      if (block === undefined || ended.aborted) return;
      const outcome = await this.#attempt(block, signals.giveUp);
      if (outcome.kind === "park" && signals.drain.aborted) return;
      await this.#settle(outcome, block, outcome.kind === "park" ? noNewBlock : ended);
    }
  }

  #attempt(block: OutgoingBlock, giveUp: AbortSignal): Promise<Outcome> {
    if (block.sequence !== this.#sequence) this.#retries = 0;
    this.#sequence = block.sequence;
    return this.#options.push(block, this.#retries, giveUp);
  }

  async #settle(outcome: Outcome, block: OutgoingBlock, noWait: AbortSignal): Promise<void> {
    if (outcome.kind === "delivered" || outcome.kind === "reject") {
      this.#retryBackoff.reset();
      this.#parkBackoff.reset();
      this.#options.source.ack(block.sequence);
      return;
    }
    this.#retries++;
    const backoff = outcome.kind === "park" ? this.#parkBackoff : this.#retryBackoff;
    const backoffMs = backoff.next();
    const waitMs = outcome.kind === "retry" ? (outcome.afterMs ?? backoffMs) : backoffMs;
    await sleep(this.#options.clock, waitMs, noWait);
  }
}
