import type { Clock } from "../../lib/clock.ts";
import { HttpClient, type HttpClientOptions } from "../../lib/http-client.ts";

export interface EtcdClientOptions {
  readonly endpoints: readonly URL[];
  readonly client: HttpClientOptions;
  readonly clock: Clock;
  readonly random: () => number;
  /** For all endpoints together. */
  readonly timeoutMs: number;
}

/**
 * etcd's v3 API through its JSON gateway: keys and values are base64, numbers of 64 bits are text. What does not answer is
 * passed over for the next endpoint, and the one that answered is asked first the next time.
 */
export class EtcdClient {
  readonly #options: EtcdClientOptions;
  readonly #client: HttpClient;
  #endpoints: readonly URL[];

  constructor(options: EtcdClientOptions) {
    const { client, clock, random, endpoints } = options;
    this.#options = options;
    this.#endpoints = endpoints;
    this.#client = new HttpClient(client, { clock, random });
  }

  /** Rejects with what the last endpoint said, or did not. */
  async call(path: string, request: object, stop: AbortSignal): Promise<Record<string, unknown>> {
    const { clock, timeoutMs } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.after(timeoutMs, () => timeout.abort(new Error(`no answer within ${timeoutMs / 1000}s`)));
    const signal = AbortSignal.any([stop, timeout.signal]);
    try {
      return await this.#callAny(path, Buffer.from(JSON.stringify(request)), signal);
    } finally {
      cancel();
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #callAny(path: string, body: Buffer, signal: AbortSignal): Promise<Record<string, unknown>> {
    let failure: unknown;
    for (const endpoint of this.#endpoints) {
      try {
        const answer = await this.#post(new URL(path, endpoint), body, signal);
        this.#endpoints = [endpoint, ...this.#options.endpoints.filter((other) => other !== endpoint)];
        return answer;
      } catch (error) {
        failure = new Error(`etcd at ${endpoint.host}`, { cause: error });
        if (signal.aborted) break;
      }
    }
    throw failure;
  }

  async #post(url: URL, body: Buffer, signal: AbortSignal): Promise<Record<string, unknown>> {
    const headers = { "Content-Type": "application/json" };
    const response = await this.#client.request({ method: "POST", url, headers, body, signal });
    const text = Buffer.from(await response.read(maxBytes)).toString("utf8");
    if (response.status !== 200) throw new Error(`HTTP status ${response.status}: ${text.trim().slice(0, 200)}`);
    // A stream's messages come one to a line; the first one is the answer.
    return JSON.parse(text.split("\n", 1)[0] ?? "") as Record<string, unknown>;
  }
}

const maxBytes = 16 * 2 ** 20;
