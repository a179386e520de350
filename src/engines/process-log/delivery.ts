/**
 * The acknowledgement of one incoming batch: it comes when everything that was made of the batch is acknowledged.
 *
 *     open  =  1 while the stages look at the batch
 *            + 1 for each stage that holds entries of it back
 *            + 1 for each outgoing batch that has entries of it and is not acknowledged yet
 */
export class Delivery {
  readonly done: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #open = 1;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  open(): void {
    this.#open++;
  }

  close(): void {
    this.#open--;
    if (this.#open === 0) this.#resolve();
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
