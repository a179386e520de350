import type { Clock } from "../../lib/clock.ts";
import { HttpClient, type HttpClientOptions } from "../../lib/http-client.ts";
import type { Found, Polling } from "./search.ts";
import { parseTargetGroups, targetLabels } from "./target-groups.ts";

export interface HttpSearchOptions {
  readonly url: URL;
  /** The URL as the config has it, which is what targets are labelled with. */
  readonly urlText: string;
  readonly client: HttpClientOptions;
  /** Also how long an answer may take, as in Prometheus. */
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onFailure: () => void;
}

/** Prometheus' http_sd: a list of target groups as JSON. The URL is the one source. */
export class HttpSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: HttpSearchOptions;
  readonly #client: HttpClient;

  constructor(options: HttpSearchOptions) {
    const { client, clock, random } = options;
    this.#options = options;
    this.#client = new HttpClient(client, { clock, random });
    this.refreshIntervalMs = options.refreshIntervalMs;
  }

  async refresh(stop: AbortSignal): Promise<Found> {
    const { clock, refreshIntervalMs, urlText, onFailure } = this.#options;
    const timeout = new AbortController();
    const overdue = new Error(`no answer within ${refreshIntervalMs / 1000}s`);
    const cancel = clock.after(refreshIntervalMs, () => timeout.abort(overdue));
    try {
      const text = await this.#fetch(AbortSignal.any([stop, timeout.signal]));
      const groups = parseTargetGroups(JSON.parse(text));
      const targets = groups.flatMap((group) => targetLabels(group, { __meta_url: urlText }));
      return { groups: [{ source: urlText, targets: targets.map((labels) => ({ labels })) }] };
    } catch (error) {
      if (!stop.aborted) onFailure();
      throw new Error(`cannot get the targets from ${this.#options.url.host}`, { cause: error });
    } finally {
      cancel();
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #fetch(signal: AbortSignal): Promise<string> {
    const { url, refreshIntervalMs } = this.#options;
    const headers = {
      Accept: "application/json",
      "X-Prometheus-Refresh-Interval-Seconds": String(refreshIntervalMs / 1000),
    };
    const response = await this.#client.request({ method: "GET", url, headers, signal });
    const mistake = mistakeIn(response.status, response.header("content-type") ?? "");
    if (mistake === undefined) return Buffer.from(await response.read(maxBytes)).toString("utf8");
    await response.discard();
    throw new Error(mistake);
  }
}

function mistakeIn(status: number, contentType: string): string | undefined {
  if (status !== 200) return `the server answers with HTTP status ${status}`;
  if (/^application\/json(;\s*charset=("utf-8"|utf-8))?$/i.test(contentType.trim())) return undefined;
  return `the answer has the content type ${JSON.stringify(contentType)}; it must be application/json`;
}

/** Far beyond any real list of targets. */
const maxBytes = 64 * 2 ** 20;
