import { scrapeJob } from "../../config/fields/scrape-job.ts";
import { scrapeSettings } from "../../config/fields/scrape-settings.ts";
import { BodyPool } from "../../engines/scrape/body-pool.ts";
import { ScrapeFailure } from "../../engines/scrape/failure.ts";
import { HttpExposure } from "../../engines/scrape/http-exposure.ts";
import { metricRelabeling } from "../../engines/scrape/metric-relabeling.ts";
import type { ScrapeSettings } from "../../engines/scrape/settings.ts";
import type { ScrapeTarget } from "../../engines/scrape/target.ts";
import { targetRelabeling } from "../../engines/scrape/target-relabeling.ts";
import { type PageFormat, pageFormat, type ScrapeProtocol } from "../../formats/exposition/content-type.ts";
import { Rows } from "../../formats/exposition/rows.ts";
import type { Clock } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import { HttpClient } from "../../lib/http-client.ts";
import { version } from "../../lib/version.ts";
import { labelsFrom } from "../../signals/labels.ts";
import { AnswerTape } from "./answer-tape.ts";
import { DeclaredTypes } from "./declared-types.ts";
import { type PageMistakes, pageMistake } from "./page-mistakes.ts";
import { type PageSamples, readSamples } from "./page-samples.ts";

export interface ScrapeOnceOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The only format to ask for; if left out, all that a scrape asks for. */
  readonly format?: keyof typeof protocols | undefined;
  readonly insecureSkipVerify: boolean;
  /** Whether classic histograms are told as the native ones that they can become. */
  readonly convertsClassicHistograms?: boolean;
  readonly clock: Clock;
}

export interface ScrapeReport extends PageSamples {
  readonly url: string;
  /** Undefined without an answer. */
  readonly answer: AnswerReport | undefined;
  /** Milliseconds. */
  readonly timing: { readonly headers: number; readonly body: number; readonly parse: number };
  readonly mistakes: PageMistakes;
  /** Why the scrape would fail; undefined where it would not. */
  readonly failure: string | undefined;
}

export interface AnswerReport {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly format: PageFormat | undefined;
  readonly encoding: string | undefined;
  /** As they came over the network. */
  readonly bytesReceived: number;
  /** Uncompressed. */
  readonly bytes: number;
}

const protocols = {
  openmetrics: ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1"],
  text: ["PrometheusText1.0.0", "PrometheusText0.0.4"],
  protobuf: ["PrometheusProto"],
} as const satisfies Record<string, readonly ScrapeProtocol[]>;

export const wantedFormats = Object.keys(protocols);

/** Scrapes one page as `prometheus.scrape` does, and tells all about it. */
export async function scrapeOnce(options: ScrapeOnceOptions): Promise<ScrapeReport> {
  const { clock, url, insecureSkipVerify, headers } = options;
  const userAgent = `sonde/${version}`;
  const client = new HttpClient({ followRedirects: true, userAgent, headers, tls: { insecureSkipVerify } }, { clock });
  try {
    const tape = new AnswerTape(clock);
    const exposure = new HttpExposure(
      tape.recording((request) => client.request(request)),
      new BodyPool(),
    );
    return { url: withoutPassword(url), ...(await scrape(exposure, tape, options)) };
  } finally {
    await client.close();
  }
}

async function scrape(exposure: HttpExposure, tape: AnswerTape, options: ScrapeOnceOptions) {
  const { clock } = options;
  const settings = settingsFor(options);
  const target = targetOf(options);
  const rows = new Rows();
  const started = clock.monotonic();
  const unanswered = await fetchPage(exposure, target, settings, clock);
  const answered = clock.monotonic();
  const unread = unanswered ?? exposure.scan(rows);
  const parsed = clock.monotonic();

  const { headersAt = answered } = tape;
  const answer = answerOf(tape, exposure.bodySize);
  const page = unanswered === undefined ? await tape.text() : "";
  const types = new DeclaredTypes(page, answer?.format);
  const samples = readSamples(rows, exposure, { types, labels: target.labels, settings });
  return {
    ...samples,
    answer,
    timing: { headers: headersAt - started, body: answered - headersAt, parse: parsed - answered },
    mistakes: mistakesOf(exposure, page),
    failure: unanswered?.message ?? parseFailure(exposure) ?? unread?.message ?? samples.refused,
  };
}

/** A job that goes on behind mistakes, in order to count them, and takes whatever there is. */
function settingsFor({ timeoutMs, format, convertsClassicHistograms = false }: ScrapeOnceOptions): ScrapeSettings {
  const job = scrapeJob.parse({
    on_parse_error: "keep_valid",
    scrape_native_histograms: format === "protobuf" || convertsClassicHistograms,
    convert_classic_histograms_to_nhcb: convertsClassicHistograms,
  });
  const settings = {
    ...scrapeSettings(job, "once"),
    timeoutMs,
    relabeling: targetRelabeling([]),
    metricRelabeling: metricRelabeling([]),
  };
  return format === undefined ? settings : { ...settings, scrapeProtocols: protocols[format] };
}

function targetOf({ url, timeoutMs }: ScrapeOnceOptions): ScrapeTarget {
  const labels = labelsFrom({ job: "once", instance: url.host });
  return { identity: "", labels, discoveredLabels: labels, url: url.href, intervalMs: timeoutMs, timeoutMs };
}

async function fetchPage(
  exposure: HttpExposure,
  target: ScrapeTarget,
  settings: ScrapeSettings,
  clock: Clock,
): Promise<ScrapeFailure | undefined> {
  const abort = new AbortController();
  const cancelTimeout = clock.after(target.timeoutMs, () => {
    abort.abort(new ScrapeFailure("timeout", `no complete answer within ${formatDuration(target.timeoutMs)}`));
  });
  try {
    await exposure.fetch(target, settings, abort.signal);
    return undefined;
  } catch (error) {
    if (error instanceof ScrapeFailure) return error;
    throw error;
  } finally {
    cancelTimeout();
  }
}

function answerOf({ response, bytes: bytesReceived }: AnswerTape, bodySize: number): AnswerReport | undefined {
  if (response === undefined) return undefined;
  const contentType = response.header("content-type");
  const format = pageFormat(contentType, undefined);
  return {
    status: response.status,
    contentType,
    format: typeof format === "string" ? format : undefined,
    encoding: response.header("content-encoding"),
    bytesReceived,
    bytes: Math.max(0, bodySize),
  };
}

function mistakesOf({ skipped: { count, first } }: HttpExposure, page: string): PageMistakes {
  return { count, first: count === 0 ? undefined : pageMistake(first, page) };
}

function parseFailure({ skipped: { count, first } }: HttpExposure): string | undefined {
  return count === 0 ? undefined : `cannot parse the answer: ${first}`;
}

function withoutPassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "xxxxx";
  return shown.href;
}
