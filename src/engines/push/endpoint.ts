import type { Clock } from "../../lib/clock.ts";
import { HttpClient, type HttpClientOptions } from "../../lib/http-client.ts";
import type { Logger } from "../../lib/logger.ts";
import { DeliveryHealth } from "./delivery-health.ts";
import { type Outcome, PushClient } from "./push-client.ts";
import { type BlockSource, type OutgoingBlock, Sender } from "./sender.ts";

export interface EndpointSettings {
  /** Unique among the endpoints of a component; what a queue knows the endpoint's cursor by. */
  readonly name: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly http: HttpClientOptions;
}

export interface EndpointSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** The reader of the endpoint of this name. */
  readonly source: (name: string) => BlockSource;
  readonly onAttempt: (attempt: Attempt) => void;
  /** Called when an endpoint becomes healthy or unhealthy. */
  readonly onHealth: () => void;
}

export interface Attempt {
  readonly endpoint: EndpointSettings;
  readonly block: OutgoingBlock;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** One destination: its connections, its loop, its health. */
export class Endpoint {
  readonly settings: EndpointSettings;
  readonly #surroundings: EndpointSurroundings;
  readonly #health: DeliveryHealth;
  readonly #retire = new AbortController();
  #finished: Promise<void> = Promise.resolve();

  constructor(settings: EndpointSettings, surroundings: EndpointSurroundings) {
    const { clock, log, onHealth } = surroundings;
    this.settings = settings;
    this.#surroundings = surroundings;
    this.#health = new DeliveryHealth({ clock, log, endpoint: settings.name, onChange: onHealth });
  }

  /** Why it is unhealthy; undefined while it is not. */
  get reason(): string | undefined {
    return this.#health.reason;
  }

  /** Begins after `predecessor`; resolves when the endpoint has been told to end, and has closed its connections. */
  run(predecessor: Promise<void>, drain: AbortSignal, giveUp: AbortSignal): Promise<void> {
    this.#finished = predecessor.then(() => this.#run(drain, giveUp));
    return this.#finished;
  }

  /** Ends after the attempt that is under way; what is not delivered stays in the queue. */
  async retire(): Promise<void> {
    this.#retire.abort();
    await this.#finished;
  }

  debug(): object {
    const { name, url } = this.settings;
    return { name, url: shownUrl(url), unhealthy: this.reason, ...this.#health.debug() };
  }

  async #run(drain: AbortSignal, giveUp: AbortSignal): Promise<void> {
    const { url, headers, timeoutMs, http, name, minBackoffMs, maxBackoffMs } = this.settings;
    const { clock, random, source, onAttempt } = this.#surroundings;
    const client = new HttpClient(http, { clock, random });
    const pushClient = new PushClient({ client, url, headers, timeoutMs, clock });
    const sender = new Sender({
      source: source(name),
      push: (payload, retry, stop) => pushClient.push(payload, retry, stop),
      onAttempt: (outcome, block, durationMs) => {
        this.#health.note(outcome, block.records);
        onAttempt({ endpoint: this.settings, block, outcome, durationMs });
      },
      minBackoffMs,
      maxBackoffMs,
      clock,
      random,
    });
    try {
      await sender.run({ drain, retire: this.#retire.signal, giveUp });
    } finally {
      this.#health.close();
      await client.close();
    }
  }
}

/** Without what may be secret in a URL: user, password and query. */
export function shownUrl({ origin, pathname }: URL): string {
  return origin + pathname;
}
