import type { Clock } from "../../lib/clock.ts";
import { HttpClient, type HttpClientOptions, type HttpRequest, type HttpResponse } from "../../lib/http-client.ts";

/** An HTTP client whose settings change while it is in use: requests under way end as they began. */
export class ReplaceableClient {
  readonly #clock: Clock;
  #current: HttpClient;
  readonly #retired = new Map<HttpClient, () => void>();

  constructor(clock: Clock, options: HttpClientOptions) {
    this.#clock = clock;
    this.#current = new HttpClient(options, { clock: this.#clock });
  }

  request(request: HttpRequest): Promise<HttpResponse> {
    return this.#current.request(request);
  }

  /** The connections of the earlier settings are closed after `graceMs`. */
  replace(options: HttpClientOptions, graceMs: number): void {
    const previous = this.#current;
    this.#current = new HttpClient(options, { clock: this.#clock });
    const cancel = this.#clock.after(graceMs, () => {
      this.#retired.delete(previous);
      previous.close().catch(() => {});
    });
    this.#retired.set(previous, cancel);
  }

  async close(): Promise<void> {
    for (const cancel of this.#retired.values()) cancel();
    await Promise.all([this.#current, ...this.#retired.keys()].map((client) => client.close()));
  }
}
