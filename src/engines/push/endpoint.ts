import type { Clock } from "../../lib/clock.ts";
import { HttpClient, type HttpClientOptions } from "../../lib/http-client.ts";
import type { Logger } from "../../lib/logger.ts";
import type { EndpointView } from "../../signals/queue-view.ts";
import { type BlockCodec, opaqueBlocks, type PushRequest } from "./block-codec.ts";
import { Delivery } from "./delivery.ts";
import { DeliveryHealth } from "./delivery-health.ts";
import { type Outcome, PushClient, type Rejection } from "./push-client.ts";
import { LazySigner, type RequestSigner, type SignerFactory } from "./request-signer.ts";
import { type BlockSource, Sender } from "./sender.ts";

export interface EndpointSettings {
  /** Unique among the endpoints of a component; what a queue knows the endpoint's cursor by. */
  readonly name: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly http: HttpClientOptions;
  /** What becomes of a block when the endpoint takes none at all (401, 403, 404): it waits, or is given up. */
  readonly onClientError: "park" | "drop";
  /** What the blocks for this endpoint are; without it they are sent as they are. */
  readonly codec?: BlockCodec;
  /** For credentials that every request is given anew. */
  readonly signer?: SignerFactory;
}

export interface EndpointSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Where signers look for credentials; that of the process if left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the endpoint of this name reads; from each source one block is under way at a time. */
  readonly sources: (name: string) => readonly BlockSource[];
  readonly onAttempt: (attempt: Attempt) => void;
  /** The endpoint will never take this: it is given up. */
  readonly onRejected?: (endpoint: EndpointSettings, request: PushRequest, rejection: Rejection) => void;
  /** Called when an endpoint becomes healthy or unhealthy. */
  readonly onHealth: () => void;
}

/** What an endpoint has not taken yet. */
export interface WaitingRecords {
  readonly blocks: number;
  readonly bytes: number;
  readonly records: number;
  readonly oldestMs: number;
}

export interface Attempt {
  readonly endpoint: EndpointSettings;
  readonly request: PushRequest;
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
  /** While it runs. */
  #client: PushClient | undefined;
  #aside: Promise<unknown> = Promise.resolve();

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

  /** Whether its last attempt has failed. */
  get isFailing(): boolean {
    return this.#health.isFailing;
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

  /**
   * Sends once what is in no queue, because it comes again; undefined while the endpoint has other worries. What it says
   * to it has no say in the endpoint's health.
   */
  async sendAside(request: PushRequest): Promise<Outcome | undefined> {
    if (this.#client === undefined || this.#health.isFailing) return undefined;
    const sent = this.#client.push(request, 0, this.#retire.signal);
    this.#aside = Promise.allSettled([this.#aside, sent]);
    return await sent;
  }

  view({ blocks, bytes, records, oldestMs }: WaitingRecords): EndpointView {
    const { name, url } = this.settings;
    const { delivery: lastDelivery, error: lastError } = this.#health.last;
    const waiting = { blocks, bytes, records, oldestSeconds: Math.round(oldestMs / 1000) };
    return { name, url: shownUrl(url), unhealthy: this.reason ?? "", lastDelivery, lastError, ...waiting };
  }

  async #run(drain: AbortSignal, giveUp: AbortSignal): Promise<void> {
    const { url, headers, timeoutMs, http, name, minBackoffMs, maxBackoffMs } = this.settings;
    const { clock, random, sources } = this.#surroundings;
    const client = new HttpClient(http, { clock, random });
    const signing = this.#signing();
    const pushClient = new PushClient({ client, url, headers, timeoutMs, clock, signer: signing?.signer });
    this.#client = pushClient;
    const senders = sources(name).map((source) => {
      const delivery = this.#delivery(pushClient);
      const push = delivery.attempt.bind(delivery);
      return new Sender({ source, push, minBackoffMs, maxBackoffMs, clock, random });
    });
    try {
      await Promise.all(senders.map((sender) => sender.run({ drain, retire: this.#retire.signal, giveUp })));
    } finally {
      this.#client = undefined;
      this.#retire.abort();
      this.#health.close();
      await this.#aside;
      await client.close();
      await signing?.close();
    }
  }

  /** Credentials are asked for by clients of their own: the endpoint's headers are not for those who give them. */
  #signing(): { readonly signer: RequestSigner; close(): Promise<unknown> } | undefined {
    const { signer, http } = this.settings;
    if (signer === undefined) return undefined;
    const { clock, random, env = process.env } = this.#surroundings;
    const { tls, proxy, userAgent } = http;
    const network = { ...(tls !== undefined && { tls }), ...(proxy !== undefined && { proxy }) };
    const away = new HttpClient({ ...network, followRedirects: true, userAgent }, { clock, random });
    const local = new HttpClient({ followRedirects: false, userAgent }, { clock, random });
    const send = away.request.bind(away);
    const sendLocally = local.request.bind(local);
    return {
      signer: new LazySigner(signer, { send, sendLocally, clock, env }),
      close: () => Promise.all([away.close(), local.close()]),
    };
  }

  #delivery(pushClient: PushClient): Delivery {
    const { clock, onAttempt, onRejected } = this.#surroundings;
    const endpoint = this.settings;
    return new Delivery({
      codec: endpoint.codec ?? opaqueBlocks,
      push: (request, retry, stop) => pushClient.push(request, retry, stop),
      onAttempt: (outcome, request, durationMs) => {
        this.#health.note(outcome, request.records);
        onAttempt({ endpoint, request, outcome, durationMs });
      },
      onRejected: (request, rejection) => onRejected?.(endpoint, request, rejection),
      onClientError: endpoint.onClientError,
      clock,
    });
  }
}

/** Without what may be secret in a URL: user, password and query. */
export function shownUrl({ origin, pathname }: URL): string {
  return origin + pathname;
}
