import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Body } from "../../formats/exposition/body.ts";
import { acceptText, refuseContentType } from "../../formats/exposition/content-type.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { scanText } from "../../formats/exposition/scan.ts";
import { SeriesCache } from "../../formats/exposition/series-cache.ts";
import { describeError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http-client.ts";
import { HttpError } from "../../lib/http-error.ts";
import type { BodyPool } from "./body-pool.ts";
import type { Exposure } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

export type Fetch = (request: HttpRequest) => Promise<HttpResponse>;

/** What a target exposes as text over HTTP. */
export class TextExposure implements Exposure {
  readonly #fetch: Fetch;
  readonly #bodies: BodyPool;
  #cache = new SeriesCache();
  #answer: { readonly body: Body; readonly contentType: string | undefined } | undefined;

  constructor(fetch: Fetch, bodies: BodyPool) {
    this.#fetch = fetch;
    this.#bodies = bodies;
  }

  async fetch(target: ScrapeTarget, settings: ScrapeSettings, signal: AbortSignal): Promise<void> {
    const body = this.#bodies.take();
    try {
      const contentType = await this.#request(target, settings, body, signal);
      signal.throwIfAborted();
      this.#answer = { body, contentType };
    } catch (error) {
      this.#bodies.give(body);
      if (error instanceof HttpError) throw new ScrapeFailure("unreachable", error.message);
      throw error;
    }
  }

  scan(rows: Rows): ScrapeFailure | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined) return undefined;
    const failure = this.#scan(answer.body, answer.contentType, rows);
    this.#bodies.give(answer.body);
    return failure;
  }

  get size(): number {
    return this.#cache.size;
  }

  takeLabels(entry: number): readonly string[] {
    return this.#cache.takeLabels(entry);
  }

  isCrowded(live: number): boolean {
    return this.#cache.isCrowded(live);
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const old = this.#cache;
    const renumbered = new Int32Array(old.size);
    this.#cache = new SeriesCache();
    for (let entry = 0; entry < old.size; entry++) {
      if (keep(entry)) renumbered[entry] = this.#cache.adopt(old, entry);
    }
    return renumbered;
  }

  /** An empty answer is a success whatever its type, as in Prometheus. */
  #scan(body: Body, contentType: string | undefined, rows: Rows): ScrapeFailure | undefined {
    const refused = body.length === 0 ? undefined : refuseContentType(contentType);
    if (refused !== undefined) return new ScrapeFailure("content", refused);
    const error = scanText(body, this.#cache, rows);
    return error && new ScrapeFailure("content", `cannot parse the answer: ${error.message}`);
  }

  async #request(
    target: ScrapeTarget,
    settings: ScrapeSettings,
    body: Body,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const url = URL.parse(target.url);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new ScrapeFailure("unreachable", `cannot use ${target.url}: not a valid http or https address`);
    }
    const headers = {
      accept: acceptText,
      "accept-encoding": settings.enableCompression ? "gzip" : "identity",
      "x-prometheus-scrape-timeout-seconds": String(target.timeoutMs / 1000),
    };
    const response = await this.#fetch({ method: "GET", url, headers, signal });
    if (response.status !== 200) {
      await response.discard().catch(() => {});
      throw new ScrapeFailure("status", `the target answered with HTTP status ${response.status}`);
    }
    await readBody(response, settings.bodySizeLimit, body);
    return response.header("content-type");
  }
}

/** Only `gzip` itself is decoded; whatever else stands there, the bytes go to the parser. */
async function readBody(response: HttpResponse, limit: number, body: Body): Promise<void> {
  await readInto(body, response, limit);
  if (response.header("content-encoding") !== "gzip" || body.length === 0) return;
  const content = await decompress(body.content(), limit);
  body.clear();
  body.append(content);
}

async function readInto(body: Body, response: HttpResponse, limit: number): Promise<void> {
  for await (const chunk of response.chunks()) {
    if (limit > 0 && body.length + chunk.length >= limit) throw tooLarge(limit);
    body.append(chunk);
  }
}

/** With `info`, zlib also tells how many bytes it has read; the types do not know that. */
const gunzipWithInfo = promisify(gunzip) as unknown as (
  content: Uint8Array,
  options: { maxOutputLength?: number; info: true },
) => Promise<{ buffer: Buffer; engine: { bytesWritten: number } }>;

/** Stops as soon as more comes out than the limit allows, so that a small answer cannot become a huge one. */
async function decompress(content: Uint8Array, limit: number): Promise<Uint8Array> {
  try {
    const { buffer, engine } = await gunzipWithInfo(content, {
      info: true,
      ...(limit > 0 && { maxOutputLength: Math.max(1, limit - 1) }),
    });
    // zlib passes over zero bytes behind the end, which Go takes for a broken stream.
    if (engine.bytesWritten === content.length) return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw new ScrapeFailure("content", `cannot decompress the answer: ${describeError(error)}`);
  }
  throw new ScrapeFailure("content", "cannot decompress the answer: there are bytes behind its end");
}

function tooLarge(limit: number): ScrapeFailure {
  return new ScrapeFailure("body_size_limit", `the answer is not shorter than body_size_limit, ${limit} bytes`);
}
