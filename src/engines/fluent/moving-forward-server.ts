import type { EventSettings } from "./event-entries.ts";
import { type ForwardPlace, ForwardServer, type ForwardSurroundings } from "./forward-server.ts";

export interface ForwardSettings {
  readonly place: ForwardPlace;
  readonly events: EventSettings;
}

/** A forward server that can be changed while it runs; only a change of its place cuts clients off. */
export class MovingForwardServer {
  readonly #surroundings: ForwardSurroundings;
  #settings: ForwardSettings;
  #server: ForwardServer;
  #move = new AbortController();

  constructor(settings: ForwardSettings, surroundings: ForwardSurroundings) {
    this.#surroundings = surroundings;
    this.#settings = settings;
    this.#server = this.#newServer();
  }

  update(settings: ForwardSettings): void {
    const isSamePlace = placeKey(settings.place) === placeKey(this.#settings.place);
    this.#settings = settings;
    if (isSamePlace) {
      this.#server.update(settings.events);
      return;
    }
    this.#server = this.#newServer();
    this.#move.abort();
    this.#move = new AbortController();
  }

  /** The old server closes its port before the new one opens its own: it may be the same. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) await this.#server.run(AbortSignal.any([stop, this.#move.signal]));
  }

  view(): object {
    return this.#server.view();
  }

  #newServer(): ForwardServer {
    const { place, events } = this.#settings;
    return new ForwardServer(place, events, this.#surroundings);
  }
}

function placeKey({ tls, handshake, ...place }: ForwardPlace): string {
  const users = handshake?.users.map(({ username, password }) => [username, password.reveal()]);
  const secrets = [tls?.key?.reveal(), handshake?.sharedKey.reveal(), users];
  return JSON.stringify([place, tls, handshake, secrets]);
}
