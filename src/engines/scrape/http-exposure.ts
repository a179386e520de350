import type { Body } from "../../formats/exposition/body.ts";
import { acceptHeader, pageFormat } from "../../formats/exposition/content-type.ts";
import type { PageReader } from "../../formats/exposition/page-reader.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { SkippedLines } from "../../formats/exposition/skipped-lines.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http-client.ts";
import { HttpError } from "../../lib/http-error.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import { readAnswer } from "./answer-body.ts";
import type { BodyPool } from "./body-pool.ts";
import { type Exposure, nothingSkipped, type Skipped } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import { type ReaderFactory, readerFactory } from "./page-readers.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

export type Fetch = (request: HttpRequest) => Promise<HttpResponse>;

/** What is asked of a target, the same each time. */
interface Asked {
  readonly target: ScrapeTarget;
  readonly settings: ScrapeSettings;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly body: Body;
  /** Undefined for an empty page, which is a success whatever its type, as in Prometheus. */
  readonly reader: ReaderFactory | undefined;
  readonly onParseError: ScrapeSettings["onParseError"];
}

/** What a target exposes over HTTP, in any of the formats of Prometheus. */
export class HttpExposure implements Exposure {
  readonly #fetch: Fetch;
  readonly #bodies: BodyPool;
  #asked: Asked | undefined;
  #answer: Answer | undefined;
  #reader: PageReader | undefined;
  #readerKey = "";
  #generation = 0;
  #bodySize = 0;
  #skipped = nothingSkipped;

  constructor(fetch: Fetch, bodies: BodyPool) {
    this.#fetch = fetch;
    this.#bodies = bodies;
  }

  async fetch(target: ScrapeTarget, settings: ScrapeSettings, signal: AbortSignal): Promise<void> {
    this.#bodySize = 0;
    this.#skipped = nothingSkipped;
    const body = this.#bodies.take();
    try {
      const contentType = await this.#request(target, settings, body, signal);
      signal.throwIfAborted();
      this.#bodySize = body.length;
      const reader = await findReader(body, contentType, settings);
      signal.throwIfAborted();
      this.#answer = { body, reader, onParseError: settings.onParseError };
    } catch (error) {
      this.#bodies.give(body);
      if (error instanceof HttpError) throw new ScrapeFailure("unreachable", error.message);
      if (error instanceof ScrapeFailure && error.reason === "body_size_limit" && !signal.aborted) this.#bodySize = -1;
      throw error;
    }
  }

  scan(rows: Rows): ScrapeFailure | undefined {
    const answer = this.#answer;
    return answer?.reader && this.#read(answer, this.#use(answer.reader), rows);
  }

  release(): void {
    if (this.#answer !== undefined) this.#bodies.give(this.#answer.body);
    this.#answer = undefined;
  }

  get generation(): number {
    return this.#generation;
  }

  get bodySize(): number {
    return this.#bodySize;
  }

  get skipped(): Skipped {
    return this.#skipped;
  }

  get size(): number {
    return this.#reader?.size ?? 0;
  }

  takeLabels(entry: number): readonly string[] {
    if (this.#reader === undefined || this.#answer === undefined) return [];
    return this.#reader.takeLabels(entry, this.#answer.body);
  }

  typeOf(entry: number): string {
    return this.#reader?.typeOf(entry) ?? "";
  }

  /** A new reader begins anew, and so must whoever has looked at the one before. */
  get metadataVersion(): number {
    return this.#generation * 2 ** 40 + (this.#reader?.metadataVersion ?? 0);
  }

  metadata(): readonly MetricMetadata[] {
    return this.#reader?.metadata() ?? [];
  }

  rest(): void {
    this.#reader?.rest();
  }

  isCrowded(live: number): boolean {
    return this.#reader?.isCrowded(live) ?? false;
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    return this.#reader?.compact(keep) ?? new Int32Array();
  }

  #use({ key, create }: ReaderFactory): PageReader {
    if (this.#reader !== undefined && key === this.#readerKey) return this.#reader;
    if (this.#reader !== undefined) this.#generation++;
    this.#reader = create();
    this.#readerKey = key;
    return this.#reader;
  }

  #read({ body, onParseError }: Answer, reader: PageReader, rows: Rows): ScrapeFailure | undefined {
    const skipped = onParseError === "keep_valid" ? new SkippedLines() : undefined;
    const error = reader.read(body, rows, skipped);
    if (skipped?.first !== undefined) this.#skipped = { count: skipped.count, first: skipped.first.message };
    return error && new ScrapeFailure("content", `cannot parse the answer: ${error.message}`);
  }

  async #request(
    target: ScrapeTarget,
    settings: ScrapeSettings,
    body: Body,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#asked?.target !== target || this.#asked.settings !== settings) this.#asked = asked(target, settings);
    const { url, headers } = this.#asked;
    let reading: Promise<void> | undefined;
    const read = (response: HttpResponse) => readAnswer(response, settings.bodySizeLimit, body);
    const onHead = (response: HttpResponse) => {
      if (response.status === 200) reading = read(response);
      // It is waited for below, failure and all.
      reading?.catch(() => {});
    };
    const response = await this.#fetch({ method: "GET", url, headers, signal, onHead });
    if (response.status !== 200) {
      await response.discard();
      throw new ScrapeFailure("status", `the target answered with HTTP status ${response.status}`);
    }
    await (reading ?? read(response));
    return response.header("content-type");
  }
}

function asked(target: ScrapeTarget, settings: ScrapeSettings): Asked {
  const url = URL.parse(target.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ScrapeFailure("unreachable", `cannot use ${target.url}: not a valid http or https address`);
  }
  const headers = {
    accept: acceptHeader(settings.scrapeProtocols, settings.nameEscapingScheme),
    "accept-encoding": settings.enableCompression ? "gzip" : "identity",
    "x-prometheus-scrape-timeout-seconds": String(target.timeoutMs / 1000),
  };
  return { target, settings, url, headers };
}

async function findReader(
  body: Body,
  contentType: string | undefined,
  settings: ScrapeSettings,
): Promise<ReaderFactory | undefined> {
  if (body.length === 0) return undefined;
  const format = pageFormat(contentType, settings.fallbackScrapeProtocol);
  if (typeof format !== "string") throw new ScrapeFailure("content", format.refused);
  return readerFactory(format, settings);
}
