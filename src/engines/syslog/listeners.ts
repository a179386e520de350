import { type ListenerPlace, type ListenerSurroundings, SyslogListener } from "./listener.ts";
import type { MessageSettings } from "./message-reader.ts";

export interface ListenerSettings {
  readonly place: ListenerPlace;
  readonly messages: MessageSettings;
}

interface Running {
  readonly listener: SyslogListener;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Listeners that can be changed while they run: one whose place stays the same keeps its connections. */
export class SyslogListeners {
  readonly #surroundings: ListenerSurroundings;
  #wanted: ReadonlyMap<string, ListenerSettings>;
  readonly #running = new Map<string, Running>();
  #changed = Promise.withResolvers<void>();

  constructor(listeners: readonly ListenerSettings[], surroundings: ListenerSurroundings) {
    this.#surroundings = surroundings;
    this.#wanted = byPlace(listeners);
  }

  update(listeners: readonly ListenerSettings[]): void {
    this.#wanted = byPlace(listeners);
    for (const [key, { messages }] of this.#wanted) this.#running.get(key)?.listener.update(messages);
    this.#changed.resolve();
  }

  /** Resolves once all ports are closed. Rejects only with a bug. */
  async run(stop: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
    try {
      while (!stop.aborted) {
        this.#changed = Promise.withResolvers<void>();
        await this.#end((key) => !this.#wanted.has(key));
        this.#start();
        await Promise.race([stopped, this.#changed.promise, ...this.#failures()]);
      }
    } finally {
      await this.#end(() => true);
    }
  }

  view(): object[] {
    return [...this.#running.values()].map(({ listener }) => listener.view());
  }

  /** The ports are closed before others are opened: they may be the same. */
  async #end(isUnwanted: (key: string) => boolean): Promise<void> {
    const ending = [...this.#running].filter(([key]) => isUnwanted(key));
    for (const [key, { stop }] of ending) {
      this.#running.delete(key);
      stop.abort();
    }
    await Promise.all(ending.map(([, { done }]) => done));
    for (const [, { listener }] of ending) this.#surroundings.onProblem(listener.name, undefined);
  }

  #start(): void {
    for (const [key, { place, messages }] of this.#wanted) {
      if (this.#running.has(key)) continue;
      const listener = new SyslogListener(place, messages, this.#surroundings);
      const stop = new AbortController();
      const done = listener.run(stop.signal);
      done.catch(() => {});
      this.#running.set(key, { listener, stop, done });
    }
  }

  /** A listener that ends without being told to has failed. */
  #failures(): Promise<void>[] {
    return [...this.#running.values()].map(({ done }) => done);
  }
}

function byPlace(listeners: readonly ListenerSettings[]): Map<string, ListenerSettings> {
  return new Map(listeners.map((listener) => [placeKey(listener.place), listener]));
}

function placeKey({ tls, ...place }: ListenerPlace): string {
  return JSON.stringify([place, tls && { ...tls, key: tls.key?.reveal() }]);
}
