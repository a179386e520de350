import { untilAborted } from "../../lib/until-aborted.ts";
import type { EndpointView } from "../../signals/queue-view.ts";
import type { PushRequest } from "./block-codec.ts";
import { Endpoint, type EndpointSettings, type EndpointSurroundings, type WaitingRecords } from "./endpoint.ts";

import type { Outcome } from "./push-client.ts";

/** The endpoints of one component. Each runs by itself; together they are started, exchanged and stopped. */
export class Endpoints {
  #surroundings: EndpointSurroundings;
  readonly #drain = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #failure = Promise.withResolvers<never>();
  readonly #tasks = new Set<Promise<void>>();
  #endpoints: readonly Endpoint[];
  #isRunning = false;

  constructor(settings: readonly EndpointSettings[], surroundings: EndpointSurroundings) {
    this.#surroundings = surroundings;
    this.#endpoints = settings.map((each) => new Endpoint(each, surroundings));
  }

  get settings(): readonly EndpointSettings[] {
    return this.#endpoints.map(({ settings }) => settings);
  }

  /** Whether one of them takes nothing at the moment. */
  get areFailing(): boolean {
    return this.#endpoints.some(({ isFailing }) => isFailing);
  }

  /** What is wrong with those that are unhealthy; empty while all are healthy. */
  get reason(): string {
    const unhealthy = this.#endpoints.filter(({ reason }) => reason !== undefined);
    return unhealthy.map(({ settings, reason }) => `endpoint ${settings.name}: ${reason}`).join("; ");
  }

  /** Sends until `stop` aborts, then what `flush` still brings, for at most `drainMs`. Rejects only by a mistake of ours. */
  async run(stop: AbortSignal, flush: () => Promise<void>, drainMs: number): Promise<void> {
    this.#isRunning = true;
    for (const endpoint of this.#endpoints) this.#spawn(endpoint, Promise.resolve());
    let cancelGiveUp = () => {};
    try {
      await Promise.race([untilAborted(stop), this.#failure.promise]);
      cancelGiveUp = this.#surroundings.clock.after(drainMs, () => this.#giveUp.abort());
      await flush();
      this.#drain.abort();
      await Promise.race([Promise.all(this.#tasks), this.#failure.promise]);
    } finally {
      cancelGiveUp();
      this.#giveUp.abort();
    }
  }

  /**
   * Each endpoint that stays takes over when its predecessor's attempt has ended, so that no block is sent twice. Resolves
   * when all predecessors have ended.
   */
  replace(settings: readonly EndpointSettings[], surroundings = this.#surroundings): Promise<unknown> {
    this.#surroundings = surroundings;
    const before = new Map(this.#endpoints.map((endpoint) => [endpoint.settings.name, endpoint.retire()]));
    this.#endpoints = settings.map((each) => new Endpoint(each, this.#surroundings));
    if (this.#isRunning) {
      for (const endpoint of this.#endpoints) {
        this.#spawn(endpoint, before.get(endpoint.settings.name) ?? Promise.resolve());
      }
    }
    this.#surroundings.onHealth();
    return Promise.all(before.values());
  }

  /** To each of them what `requestFor` has for it; see Endpoint.sendAside. */
  async sendAside(
    requestFor: (endpoint: EndpointSettings) => PushRequest | undefined,
    onSent: (endpoint: EndpointSettings, request: PushRequest, outcome: Outcome) => void,
  ): Promise<void> {
    await Promise.all(
      this.#endpoints.map(async (endpoint) => {
        const request = requestFor(endpoint.settings);
        const outcome = request && (await endpoint.sendAside(request));
        if (request && outcome) onSent(endpoint.settings, request, outcome);
      }),
    );
  }

  view(waiting: (name: string) => WaitingRecords): EndpointView[] {
    return this.#endpoints.map((endpoint) => endpoint.view(waiting(endpoint.settings.name)));
  }

  #spawn(endpoint: Endpoint, predecessor: Promise<void>): void {
    const task = endpoint
      .run(predecessor, this.#drain.signal, this.#giveUp.signal)
      .catch(this.#failure.reject)
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}
