import type { Clock } from "../../lib/clock.ts";
import type { Block } from "./queue.ts";

export interface AdmissionOptions {
  readonly clock: Clock;
  /** Whether the queue has room for so many bytes at the moment. */
  readonly hasRoom: (bytes: number) => boolean;
  /** Takes the block in; resolves when the queue holds it. */
  readonly admit: (block: Block) => Promise<void>;
  /** Makes the queue look at its bounds and at the disk; it calls `admitWaiting` then. */
  readonly look: () => void;
}

/** The queue was closed before it could hold the block: it is for the sender to keep. */
export class QueueClosedError extends Error {}

/** Room may come by time alone: blocks grow too old, and others free space on the disk. */
const lookMs = 1000;

/** What waits in front of a queue that drops nothing: first come, first served, and nothing is acknowledged meanwhile. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #waiting: { readonly block: Block; readonly accepted: PromiseWithResolvers<void> }[] = [];
  #cancelLook: (() => void) | undefined;
  #closed: QueueClosedError | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** How many blocks wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  append(block: Block): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const { hasRoom, admit } = this.#options;
    if (this.#waiting.length === 0 && hasRoom(block.payload.length)) return admit(block);
    const accepted = Promise.withResolvers<void>();
    this.#waiting.push({ block, accepted });
    this.#scheduleLook();
    return accepted.promise;
  }

  /** Lets in as many as there is room for. */
  admitWaiting(): void {
    const { hasRoom, admit } = this.#options;
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!hasRoom(next.block.payload.length)) return;
      this.#waiting.shift();
      admit(next.block).then(next.accepted.resolve, next.accepted.reject);
    }
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  close(): QueueClosedError {
    this.#closed ??= new QueueClosedError("the queue was closed before it could hold this");
    for (const { accepted } of this.#waiting.splice(0)) accepted.reject(this.#closed);
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    return this.#closed;
  }

  #scheduleLook(): void {
    this.#cancelLook ??= this.#options.clock.after(lookMs, () => {
      this.#cancelLook = undefined;
      this.#options.look();
      if (this.#waiting.length > 0) this.#scheduleLook();
    });
  }
}
