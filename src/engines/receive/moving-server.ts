import type { WebServer } from "../../lib/web-server/web-server.ts";

/** A server that can be replaced by another one while it runs. */
export class MovingServer {
  #server: WebServer;
  #move = new AbortController();

  constructor(server: WebServer) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  get isListening(): boolean {
    return this.#server.isListening;
  }

  /** The old one closes its port first: it may be the same. */
  moveTo(server: WebServer): void {
    this.#server = server;
    this.#move.abort();
    this.#move = new AbortController();
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) await this.#server.run(AbortSignal.any([stop, this.#move.signal]));
  }
}
