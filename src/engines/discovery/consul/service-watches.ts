/** The watches that run at present, one for each service. */
export class ServiceWatches {
  readonly #watch: (service: string, stop: AbortSignal) => Promise<void>;
  readonly #stop: AbortSignal;
  readonly #running = new Map<string, { readonly end: AbortController; readonly ended: Promise<void> }>();
  readonly #broken = Promise.withResolvers<never>();

  constructor(watch: (service: string, stop: AbortSignal) => Promise<void>, stop: AbortSignal) {
    this.#watch = watch;
    this.#stop = stop;
    this.#broken.promise.catch(() => {});
  }

  /** Begins what is new, and ends what is not named any more. */
  retain(services: readonly string[]): void {
    for (const [service, { end }] of this.#running) {
      if (services.includes(service)) continue;
      end.abort();
      this.#running.delete(service);
    }
    for (const service of services) if (!this.#running.has(service)) this.#begin(service);
  }

  /** Resolves when all has to end; rejects with what is wrong in our own code. */
  ended(stop: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
    return Promise.race([aborted, this.#broken.promise]);
  }

  async closed(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #begin(service: string): void {
    const end = new AbortController();
    const ended = this.#watch(service, AbortSignal.any([this.#stop, end.signal]));
    this.#running.set(service, { end, ended: ended.catch((error: unknown) => this.#broken.reject(error)) });
  }
}
