/** What sits between a component and its endpoints. */
export interface Exchangeable<Settings> {
  /** Opens it; until then it accepts into memory. */
  start(): Promise<void>;
  flush(): Promise<void>;
  close(timeoutMs: number): Promise<void>;
  /** Takes changed settings in place; false where they ask for another one. */
  update(settings: Settings): boolean;
}

/**
 * The queues of a component, which a changed config may ask to be others. The new ones take over at once, in memory; on
 * disk they begin when the endpoints have let go of the old ones, and these are closed:
 *
 *     old    accepts ── │ flush, close │
 *     new               │ accepts, in memory ── │ start ──►
 */
export class QueueExchange<Settings, Queues extends Exchangeable<Settings>> {
  readonly #create: (settings: Settings) => Queues;
  readonly #closeMs: number;
  #current: Queues;
  #isRunning = false;
  #exchange = Promise.resolve();

  /** Closing the queues takes `closeMs` at most. */
  constructor(settings: Settings, create: (settings: Settings) => Queues, closeMs: number) {
    this.#create = create;
    this.#closeMs = closeMs;
    this.#current = create(settings);
  }

  get current(): Queues {
    return this.#current;
  }

  start(): void {
    this.#isRunning = true;
    this.#exchange = this.#current.start();
  }

  /** `replaceReaders` makes the endpoints read from what is current then; it resolves when they do no longer before. */
  update(settings: Settings, replaceReaders: () => Promise<unknown>): void {
    const before = this.#current;
    const isSame = before.update(settings);
    if (!isSame) this.#current = this.#create(settings);
    const replaced = replaceReaders();
    if (isSame || !this.#isRunning) return;
    const next = this.#current;
    this.#exchange = this.#exchange.then(async () => {
      await replaced;
      // Appends at once what was gathered; it is closing that waits for the disk.
      void before.flush();
      await before.close(this.#closeMs);
      await next.start();
    });
  }

  async close(): Promise<void> {
    await this.#exchange;
    this.#isRunning = false;
    await this.#current.close(this.#closeMs);
  }
}
