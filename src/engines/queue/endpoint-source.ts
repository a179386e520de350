import { type Clock, sleep } from "../../lib/clock.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import type { FormerReader } from "./former-logs.ts";
import type { QueuedBlock, QueueReader } from "./queue.ts";

export interface EndpointSourceOptions {
  /** Where it reads. */
  readonly own: QueueReader;
  /** Whether it is this source that empties what the endpoint has read before; the others wait for that. */
  readonly isFirst: boolean;
  /** What is to be emptied first, the oldest first; it takes a look at the disk to know. */
  readonly formers: Promise<readonly FormerReader[]>;
  readonly clock: Clock;
}

/** While there is something older to wait for; that is rare. */
const pauseMs = 200;

/**
 * The blocks of one shard for one endpoint. Series may have been elsewhere before the config was changed, so what the
 * endpoint has read then comes first, all of it:
 *
 *     before     │ 1 │ 2 │ 3 │  ─► by the first source ─┐ then
 *     now        │ 4 │ 5 │                              └─► by each source its own
 */
export class EndpointSource {
  readonly #options: EndpointSourceOptions;
  #formers: readonly FormerReader[] | undefined;
  #from: { ack(sequence: number): void };

  constructor(options: EndpointSourceOptions) {
    this.#options = options;
    this.#from = options.own;
  }

  async peek(stop: AbortSignal): Promise<QueuedBlock | undefined> {
    const { own, formers } = this.#options;
    this.#formers ??= await Promise.race([formers, untilAborted(stop).then(() => undefined)]);
    for (let former = this.#former; former !== undefined; former = this.#former) {
      const block = await this.#takeFrom(former, stop);
      if (block !== undefined) return block;
      if (!former.isDone && stop.aborted) return undefined;
    }
    if (this.#formers === undefined) return undefined;
    this.#from = own;
    return await own.peek(stop);
  }

  get #former(): FormerReader | undefined {
    return this.#formers?.find(({ isDone }) => !isDone);
  }

  async #takeFrom(former: FormerReader, stop: AbortSignal): Promise<QueuedBlock | undefined> {
    const { isFirst, clock } = this.#options;
    const block = isFirst ? await former.take() : undefined;
    if (block !== undefined) this.#from = former;
    else if (!former.isDone) await sleep(clock, pauseMs, stop);
    return block;
  }

  ack(sequence: number): void {
    this.#from.ack(sequence);
  }
}
