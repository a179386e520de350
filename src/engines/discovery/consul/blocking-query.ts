import type { Clock } from "../../../lib/clock.ts";
import type { Secret } from "../../../lib/secret.ts";
import { within } from "../../../lib/within.ts";
import { requestJson, type Send } from "../json-request.ts";

export interface ConsulServer {
  /** With the path prefix, and a slash at its end. */
  readonly url: URL;
  readonly token?: Secret;
  readonly datacenter?: string;
  readonly namespace?: string;
  readonly partition?: string;
  readonly allowStale: boolean;
}

/** How long the server may keep a query until there is news; it adds up to a sixteenth. */
const waitMs = 120_000;
const timeoutMs = waitMs + 15_000;

export class ConsulClient {
  readonly #server: ConsulServer;
  readonly #send: Send;
  readonly #clock: Clock;

  constructor(server: ConsulServer, send: Send, clock: Clock) {
    this.#server = server;
    this.#send = send;
    this.#clock = clock;
  }

  /** The JSON at a path of the API, and its index. With an index, the answer comes when there is a newer one. */
  async get(
    path: string,
    parameters: readonly (readonly [name: string, value: string])[],
    signal: AbortSignal,
  ): Promise<{ value: unknown; index: number }> {
    const { url: base, token, datacenter, namespace, partition } = this.#server;
    const url = new URL(path, base);
    const place = { dc: datacenter, ns: namespace, partition };
    for (const [name, value] of Object.entries(place)) if (value) url.searchParams.append(name, value);
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    const headers = { accept: "application/json", ...(token !== undefined && { "x-consul-token": token.reveal() }) };
    return within(timeoutMs, this.#clock, signal, url.host, async (limited) => {
      const answer = await requestJson(this.#send, { method: "GET", url, headers, signal: limited });
      return { value: answer.value, index: Number(answer.header("x-consul-index")) || 0 };
    });
  }

  /** A query that is asked again and again: each time it waits for news after what was heard last. */
  blocking(path: string, parameters: readonly (readonly [name: string, value: string])[]): BlockingQuery {
    const stale: [string, string][] = this.#server.allowStale ? [["stale", ""]] : [];
    return new BlockingQuery((index, signal) => {
      const wait: [string, string][] = index > 0 ? [["index", String(index)]] : [];
      return this.get(path, [...stale, ...wait, ["wait", `${waitMs}ms`], ...parameters], signal);
    });
  }
}

/** The rules for indexes of Consul's documentation, "Blocking queries": one that goes back, or is 0, starts over. */
export class BlockingQuery {
  readonly #ask: (index: number, signal: AbortSignal) => Promise<{ value: unknown; index: number }>;
  #index = 0;

  constructor(ask: (index: number, signal: AbortSignal) => Promise<{ value: unknown; index: number }>) {
    this.#ask = ask;
  }

  /** What there is now; undefined when the wait has ended without news. */
  async next(signal: AbortSignal): Promise<{ value: unknown } | undefined> {
    const last = this.#index;
    try {
      const { value, index } = await this.#ask(last, signal);
      this.#index = index < last ? 0 : index;
      return last > 0 && index === last ? undefined : { value };
    } catch (error) {
      // Whoever answers next may be another server, or the same with a state of before.
      this.#index = 0;
      throw error;
    }
  }
}
