import type { Fetch } from "../../../src/engines/scrape/http-exposure.ts";
import type { ScrapeResult } from "../../../src/engines/scrape/scrape-loop.ts";
import { ScrapePool } from "../../../src/engines/scrape/scrape-pool.ts";
import type { ScrapeSettings } from "../../../src/engines/scrape/settings.ts";
import { scrapeTarget } from "../../../src/engines/scrape/target.ts";
import { tickOffset } from "../../../src/engines/scrape/ticker.ts";
import type { HttpResponse } from "../../../src/lib/http-client.ts";
import { formatLabels, type Labels, labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../../src/signals/metric-batch.ts";
import type { Target } from "../../../src/signals/targets.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { scrapeSettings } from "../../support/scrape-settings.ts";

export const interval = 10_000;

export const settings: ScrapeSettings = { ...scrapeSettings, intervalMs: interval, bodySizeLimit: 1_000_000 };

/** A batch as text, one line per row: `name{label="value"} 1`. */
export interface Sent {
  readonly timestamp: number;
  readonly samples: readonly string[];
  /** `up`, duration, scraped, after relabeling, added; empty when the target has ended. */
  readonly reports: readonly number[];
  readonly stale: readonly string[];
  readonly histograms: readonly string[];
  readonly exemplars: readonly string[];
  /** Of all rows; undefined where the batch says nothing. */
  readonly starts: readonly number[] | undefined;
  /** Of the histograms. */
  readonly histogramStarts: readonly (number | undefined)[];
  readonly layout: number;
  readonly series: SeriesLookup;
}

/** A time one millisecond behind a tick of the target `a:1`. */
function start(): number {
  const resolved = scrapeTarget(target("a:1"), settings);
  if (!("url" in resolved)) throw new Error(formatLabels(resolved.labels));
  return 170_000_000 * interval + tickOffset(resolved.identity, "vm", interval) + 1;
}

/** A pool on a clock that the test turns, and everything it sent. */
export class Scrapes implements AsyncDisposable {
  readonly clock = new FakeClock(start());
  readonly pool: ScrapePool;
  readonly sent: Sent[] = [];
  readonly results: ScrapeResult[] = [];
  readonly #stop = new AbortController();
  /** Resolves when the pool has stopped. */
  readonly ended: Promise<void>;

  constructor(fetch: Fetch, changes: Partial<ScrapeSettings> = {}, targets: readonly Target[] = [target("a:1")]) {
    this.pool = new ScrapePool(
      { ...settings, ...changes },
      {
        clock: this.clock,
        hostname: "vm",
        fetch,
        send: (batch) => this.sent.push(readBatch(batch)),
        onScrape: (result) => this.results.push(result),
      },
    );
    this.pool.sync(targets);
    this.ended = this.pool.run(this.#stop.signal);
  }

  /** Turns the clock to just behind the next scrape, and returns what was sent until then. */
  async next(): Promise<Sent> {
    const before = this.sent.length;
    await this.clock.advance(interval);
    const [sent, ...others] = this.sent.slice(before);
    if (sent === undefined || others.length > 0) throw new Error(`${this.sent.length - before} batches instead of one`);
    return sent;
  }

  /** Resolves when the pool has stopped. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export function target(address: string, labels: Record<string, string> = {}): Target {
  return { labels: labelsFrom({ __address__: address, ...labels }) };
}

/** A target that exposes these texts, one after the other, the last one again and again. An Error is thrown instead. */
export function exposing(...answers: (string | Error)[]): Fetch {
  let at = 0;
  return async () => {
    const answer = answers[Math.min(at++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return response(answer ?? "");
  };
}

export function response(text: string, contentType = "text/plain"): HttpResponse {
  const body = Buffer.from(text);
  return {
    status: 200,
    header: (name) => (name === "content-type" ? contentType : undefined),
    readInto: async (onChunk) => onChunk(body),
    read: async () => body,
    async *chunks() {
      yield body;
    },
    discard: async () => {},
  };
}

function readBatch(batch: MetricBatch): Sent {
  const rows = Array.from({ length: batch.length }, (_, row) => row);
  const lines = rows.map((row) => {
    const name = showSeries(batch.series.labels(batch.ids[row]!));
    if (row >= batch.staleFrom) return name;
    const timestamp = batch.timestamps[row]! - batch.timestamps[batch.staleFrom - 1]!;
    return `${name} ${batch.values[row]}${timestamp === 0 ? "" : ` @${batch.timestamps[row]}`}`;
  });
  // The first report is series 0.
  const firstReport = batch.ids.indexOf(0);
  return {
    timestamp: batch.timestamps[Math.max(0, batch.staleFrom - 1)]!,
    samples: lines.slice(0, firstReport),
    reports: [...batch.values.slice(firstReport, batch.staleFrom)],
    stale: lines.slice(batch.staleFrom),
    histograms: (batch.histograms ?? []).map(
      ({ id, histogram: { count, customValues } }) =>
        `${showSeries(batch.series.labels(id))} count ${count}, bounds ${customValues}`,
    ),
    exemplars: (batch.exemplars ?? []).map(
      ({ id, labels, value }) => `${showSeries(batch.series.labels(id))} # ${formatLabels(labels)} ${value}`,
    ),
    starts: batch.startTimestamps && [...batch.startTimestamps.subarray(0, batch.length)],
    histogramStarts: (batch.histograms ?? []).map(({ startTimestamp }) => startTimestamp),
    layout: batch.layout,
    series: batch.series,
  };
}

/** Without the labels that every series of the target `a:1` has. */
function showSeries(labels: Labels): string {
  let name = "";
  const pairs: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const [label, value] = [labels[at], labels[at + 1]];
    if (label === "__name__") name = value ?? "";
    else if (!(label === "instance" && value === "a:1") && !(label === "job" && value === "test")) {
      pairs.push(`${label}="${value}"`);
    }
  }
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}
