import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gzip, gzipSync } from "node:zlib";
import { renderFamilies } from "../../formats/exposition/render.ts";
import { describeError } from "../../lib/errors.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import type { Logger } from "../../lib/logger.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import { type Gather, type GatherQuery, GatherQueryError, gatherQueryOf } from "../../signals/targets.ts";
import { HandlerMetrics } from "./handler-metrics.ts";
import { mergeFamilies } from "./merge.ts";
import { ProcessFamilies } from "./process-families.ts";

/** An exporter of this process, under the name that a person knows it by. */
export interface Exporter {
  readonly name: string;
  readonly gather: Gather;
}

interface MetricsPageOptions {
  /** Scrapes at a time; 0 is no limit. */
  readonly maxRequests: number;
  /** process_* and promhttp_* beside what the exporters have. */
  readonly exporterMetrics: boolean;
  /** Where /proc is. */
  readonly procfs: string;
  readonly log: Logger;
}

const compressApart = promisify(gzip);

/** The first level takes half the time of the usual one, and the page becomes a tenth longer. */
const compression = { level: 1, memLevel: 7 };

/** A page up to this size takes a fraction of a millisecond, less than its way to another thread and back. */
const smallPage = 256 * 1024;

/** The /metrics page of exporters in this process, to the letter as node_exporter's handler serves it. */
export class MetricsPage {
  exporters: readonly Exporter[] = [];
  readonly #options: MetricsPageOptions;
  readonly #metrics = new HandlerMetrics();
  readonly #process: ProcessFamilies;
  #lastTrouble = "";

  constructor(options: MetricsPageOptions) {
    this.#options = options;
    this.#process = new ProcessFamilies(options.procfs);
  }

  /** Requests so far, by code. */
  get requests(): Readonly<Record<string, number>> {
    return this.#metrics.requests;
  }

  /** Lets go of the files that it keeps open. */
  close(): void {
    this.#process.close();
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const { maxRequests } = this.#options;
    if (maxRequests > 0 && this.#metrics.inFlight >= maxRequests) {
      this.#metrics.countRequest(503);
      return textAnswer(503, `Limit of concurrent requests reached (${maxRequests}), try again later.\n`);
    }
    this.#metrics.inFlight++;
    try {
      const answer = await this.#scrape(request);
      // Upstream refuses a bad query before its counting handler.
      if (answer.status !== 400) this.#metrics.countRequest(answer.status);
      return answer;
    } finally {
      this.#metrics.inFlight--;
    }
  }

  async #scrape({ url = "", headers }: IncomingMessage): Promise<Answer> {
    const gathered = await this.#gatherAll(gatherQueryOf(url));
    if (gathered.refusal !== undefined) return textAnswer(400, gathered.refusal);
    const { families, conflicts } = mergeFamilies(gathered.pages);
    this.#noteTrouble([...gathered.failures, ...conflicts]);
    if (gathered.pages.length === 0 && gathered.failures.length > 0) {
      return textAnswer(500, `An error has occurred while serving metrics:\n\n${gathered.failures.join("\n")}\n`);
    }
    const text = renderFamilies(this.#withOwn(families));
    return pageAnswer(text, headers["accept-encoding"]);
  }

  async #gatherAll(
    query: GatherQuery,
  ): Promise<{ pages: (readonly MetricFamily[])[]; failures: string[]; refusal?: string }> {
    const results = await Promise.allSettled(this.exporters.map(({ gather }) => gather(query)));
    const pages: (readonly MetricFamily[])[] = [];
    const failures: string[] = [];
    for (const [at, result] of results.entries()) {
      if (result.status === "fulfilled") pages.push(result.value);
      else if (result.reason instanceof GatherQueryError) return { pages, failures, refusal: result.reason.message };
      else failures.push(`${this.exporters[at]?.name}: ${describeError(result.reason)}`);
    }
    return { pages, failures };
  }

  /** An exporter may have process_* itself: that of the agent has. Then those are the ones. */
  #withOwn(families: readonly MetricFamily[]): readonly MetricFamily[] {
    if (!this.#options.exporterMetrics) return families;
    const own = [...this.#metrics.families(), ...this.#process.gather()];
    const names = new Set(families.map(({ name }) => name));
    return [...families, ...own.filter(({ name }) => !names.has(name))];
  }

  /** Never a failed scrape: a count each time, and a line when something new is wrong. */
  #noteTrouble(trouble: readonly string[]): void {
    const [first = ""] = trouble;
    if (first !== "") this.#metrics.countGatheringError();
    if (first !== "" && first !== this.#lastTrouble) {
      this.#options.log.error("gathered metrics are not complete", { error: first, errors: trouble.length });
    }
    this.#lastTrouble = first;
  }
}

async function pageAnswer(text: string, acceptEncoding: string | undefined): Promise<Answer> {
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" };
  if (!acceptsGzip(acceptEncoding)) return { status: 200, headers, body: text };
  return { status: 200, headers: { ...headers, "Content-Encoding": "gzip" }, body: await compress(text) };
}

function compress(text: string): Buffer | Promise<Buffer> {
  return text.length <= smallPage ? gzipSync(text, compression) : compressApart(text, compression);
}

function acceptsGzip(acceptEncoding = ""): boolean {
  return acceptEncoding
    .split(",")
    .map((part) => part.replaceAll(/\s/g, "").toLowerCase())
    .some((part) => part === "gzip" || (part.startsWith("gzip;q=") && Number(part.slice("gzip;q=".length)) > 0));
}
