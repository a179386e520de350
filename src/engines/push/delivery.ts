import type { Clock } from "../../lib/clock.ts";
import type { BlockCodec, PushRequest } from "./block-codec.ts";
import type { Outcome, Rejection } from "./push-client.ts";
import type { OutgoingBlock } from "./sender.ts";

export interface DeliveryOptions {
  readonly codec: BlockCodec;
  /** One attempt, see PushClient. */
  readonly push: (request: PushRequest, retry: number, stop: AbortSignal) => Promise<Outcome>;
  /** Called after every attempt, before anything is done about it. */
  readonly onAttempt: (outcome: Outcome, request: PushRequest, durationMs: number) => void;
  /** The endpoint will never take this: it is given up. */
  readonly onRejected: (request: PushRequest, rejection: Rejection) => void;
  /** What becomes of a block when the endpoint takes none at all (401, 403, 404): it waits, or is given up. */
  readonly onClientError: "park" | "drop";
  readonly clock: Clock;
}

/** These speak about what is in a block, and not about all of it. */
const contentStatuses: ReadonlySet<number> = new Set([400, 409, 413, 422]);

/** Beyond so many rejected pieces of a block it is cut no further: most likely nothing in it is welcome. */
const patience = 16;

/**
 * Brings one block after the other to an endpoint. A block that is called invalid is cut in halves until only what is bad
 * is left out, everything else in its order:
 *
 *     block      │ 1 2 3 4 5 ✗ 7 8 │  400
 *     halves     │ 1 2 3 4 │ 5 ✗ 7 8 │
 *                  204        400
 *     …                    │ 5 ✗ │ 7 8 │
 *                          │ 5 │ ✗ │ 7 8 │    ✗ is rejected for good, and told with what the receiver said
 *
 * An attempt that must be repeated goes on with the piece it stopped at.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #block: OutgoingBlock | undefined;
  /** What is left of the block, the next piece last; undefined before its first attempt. */
  #pieces: PushRequest[] | undefined;
  #rejected = 0;
  #hasTaken = false;
  #hasWaited = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** `retry` is 0 for the first attempt. A rejected outcome has been told by `onRejected`. */
  async attempt(block: OutgoingBlock, retry: number, stop: AbortSignal): Promise<Outcome> {
    if (block !== this.#block) this.#begin(block);
    this.#pieces ??= [this.#options.codec.request(block)];
    const pieces = this.#pieces;
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      const outcome = await this.#send(piece, retry, stop);
      if (outcome.kind === "retry" || outcome.kind === "park") {
        pieces.push(piece);
        return outcome;
      }
      if (outcome.kind === "delivered") this.#hasTaken = true;
      else if (outcome.kind === "fall back") this.#startOver(block, pieces);
      else if (outcome.kind === "split") pieces.push(...outcome.halves.toReversed());
      else this.#reject(piece, outcome);
    }
    return { kind: "delivered" };
  }

  #begin(block: OutgoingBlock): void {
    this.#block = block;
    this.#pieces = undefined;
    this.#rejected = 0;
    this.#hasWaited = false;
  }

  /** In the other protocol. A block is whole then: the protocol is what a receiver looks at first. */
  #startOver(block: OutgoingBlock, pieces: PushRequest[]): void {
    pieces.splice(0, pieces.length, this.#options.codec.request(block));
  }

  #reject(piece: PushRequest, rejection: Rejection): void {
    this.#rejected++;
    this.#options.onRejected(piece, rejection);
  }

  async #send(piece: PushRequest, retry: number, stop: AbortSignal): Promise<Outcome> {
    const { push, codec, clock, onAttempt } = this.#options;
    const started = clock.monotonic();
    const outcome = this.#policy(codec.judge(await push(piece, retry, stop), piece), piece);
    if (!stop.aborted || outcome.kind === "delivered") onAttempt(outcome, piece, clock.monotonic() - started);
    return outcome;
  }

  #policy(outcome: Outcome, piece: PushRequest): Outcome {
    const { codec, onClientError } = this.#options;
    if (outcome.kind === "park" && onClientError === "drop") return { ...outcome, kind: "reject" };
    if (outcome.kind !== "reject") return outcome;
    if (outcome.status === 415 && codec.fallBack()) return { kind: "fall back", reason: outcome.reason };
    if (!contentStatuses.has(outcome.status)) return outcome;
    if (!this.#hasTaken && !this.#hasWaited && !outcome.hasRead) return this.#wait(outcome);
    const halves = this.#rejected < patience ? codec.halves(piece) : undefined;
    return halves === undefined ? outcome : { kind: "split", reason: outcome.reason, halves };
  }

  /** Most likely it is the endpoint that is wrong, and not the block: it is not worth a storm of requests. */
  #wait({ status, reason }: Rejection): Outcome {
    this.#hasWaited = true;
    return { kind: "park", status, reason: `${reason}; it has taken nothing yet: check the url` };
  }
}
