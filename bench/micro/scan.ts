import { type Exposure, nothingSkipped } from "../../src/engines/scrape/exposure.ts";
import { TargetSeries } from "../../src/engines/scrape/target-series.ts";
import { Body } from "../../src/formats/exposition/body.ts";
import { scanOpenMetrics } from "../../src/formats/exposition/open-metrics.ts";
import { Rows } from "../../src/formats/exposition/rows.ts";
import { scanText } from "../../src/formats/exposition/scan.ts";
import { SeriesCache } from "../../src/formats/exposition/series-cache.ts";
import type { Scan } from "../../src/formats/exposition/text-lines.ts";
import { Interner } from "../../src/signals/interner.ts";
import { parseExposition } from "../../test/reference/exposition.ts";
import { scrapeSettings } from "../../test/support/scrape-settings.ts";
import type { BenchRow } from "./row.ts";

const samples = 10_000;
const scrapes = 200;

const settings = { ...scrapeSettings, intervalMs: 15_000 };

/** A body of 10,000 samples as a target would have it, all values new at each scrape. */
export async function bench(): Promise<BenchRow[]> {
  const bodies = Array.from({ length: 4 }, (_, scrape) => bodyOf(samples, scrape, 0));
  const churning = Array.from({ length: 50 }, (_, scrape) => bodyOf(samples, scrape, scrape * 100));
  const shuffled = bodies.map((text) => text.split("\n").sort(byTail).join("\n"));
  const openMetrics = bodies.map((text) => `${text}# EOF\n`);
  const exemplars = openMetrics.map(withExemplars);
  return [
    { stage: "scan: twin with regular expressions", nsPerSample: timeTwin(bodies[0]!) },
    { stage: "scan: first sight of a series", nsPerSample: time(1, [bodies[0]!], new SeriesCache()) },
    {
      stage: "scan: same series in the same order",
      nsPerSample: time(scrapes, bodies, warm(bodies)),
      note: "bytes to rows: lines, series, numbers",
    },
    { stage: "scan: 1 % of the series new each time", nsPerSample: time(50, churning, new SeriesCache()) },
    {
      stage: "scan: same series in another order",
      nsPerSample: time(scrapes, [bodies[0]!, shuffled[1]!], warm(bodies)),
      note: "every guess wrong",
    },
    {
      stage: "scan: OpenMetrics, same order",
      nsPerSample: time(scrapes, openMetrics, warm(openMetrics, scanOpenMetrics), scanOpenMetrics),
    },
    {
      stage: "scan: OpenMetrics, exemplars on buckets",
      nsPerSample: time(scrapes, exemplars, warm(exemplars, scanOpenMetrics), scanOpenMetrics),
      note: "an exemplar on two of five samples",
    },
    {
      stage: "scrape: rows of known series to a batch",
      nsPerSample: timeAppend(bodies[0]!),
      note: "ids, duplicates, staleness, reports",
    },
  ];
}

function warm(texts: readonly string[], scan = scanText): SeriesCache {
  const cache = new SeriesCache();
  time(20, texts, cache, scan);
  return cache;
}

function time(runs: number, texts: readonly string[], cache: SeriesCache, scan: Scan = scanText): number {
  const rows = new Rows();
  const bodies = texts.map((text) => {
    const body = new Body();
    body.append(Buffer.from(text));
    return body;
  });
  const started = performance.now();
  let scanned = 0;
  for (let run = 0; run < runs; run++) {
    rows.clear();
    const error = scan(bodies[run % bodies.length]!, cache, rows);
    if (error !== undefined) throw error;
    scanned += rows.length;
  }
  return ((performance.now() - started) * 1e6) / scanned;
}

/** A whole scrape that is given its answer, less the scan. */
function timeAppend(text: string): number {
  const body = new Body();
  body.append(Buffer.from(text));
  const cache = new SeriesCache();
  const exposure: Exposure = {
    fetch: async () => {},
    scan: () => undefined,
    generation: 0,
    bodySize: 0,
    skipped: nothingSkipped,
    get size() {
      return cache.size;
    },
    metadataVersion: 0,
    metadata: () => [],
    release: () => {},
    takeLabels: (entry) => cache.takeLabels(entry, body),
    typeOf: (entry) => cache.typeOf(entry),
    isCrowded: (live) => cache.isCrowded(live),
    rest: () => {},
    compact: () => new Int32Array(),
  };
  const series = new TargetSeries(["instance", "h:1", "job", "app"], settings, new Interner());
  const rows = new Rows();
  let elapsed = 0;
  for (let run = 0; run < scrapes; run++) {
    rows.clear();
    scanText(body, cache, rows);
    const started = performance.now();
    series.begin(run * 1000);
    series.append(rows, exposure);
    series.finish(rows, exposure, undefined, { durationSeconds: 0, timeoutSeconds: 10 });
    if (run >= scrapes / 2) elapsed += performance.now() - started;
  }
  return (elapsed * 1e6) / ((scrapes / 2) * rows.length);
}

function timeTwin(text: string): number {
  const body = Buffer.from(text);
  const started = performance.now();
  const { samples } = parseExposition(body);
  return ((performance.now() - started) * 1e6) / samples.length;
}

/** Half counters with two labels, half histograms with eleven buckets; `shift` moves the window of names. */
function bodyOf(count: number, scrape: number, shift: number): string {
  let text = "";
  let written = 0;
  for (let family = 0; written < count; family++) {
    const name = `app_http_request_duration_seconds_${family % 50}`;
    text += `# HELP ${name} Time that requests took, by method and path.\n# TYPE ${name} histogram\n`;
    for (let path = 0; path < 8; path++) {
      const labels = `method="GET",path="/api/v1/resource/${family * 8 + path}"`;
      for (let bucket = 0; bucket < 12; bucket++) {
        text += `${name}_bucket{${labels},le="${bucket < 11 ? 0.005 * 2 ** bucket : "+Inf"}"} ${scrape * 17 + bucket}\n`;
      }
      text += `${name}_sum{${labels}} ${scrape * 1.25 + path}\n${name}_count{${labels}} ${scrape * 17 + 12}\n`;
      written += 14;
    }
    text += `# HELP app_requests_total_${family} Requests.\n# TYPE app_requests_total_${family} counter\n`;
    for (let series = 0; series < 112; series++) {
      const instance = series + (family === 0 ? shift : 0);
      text += `app_requests_total_${family}{code="200",handler="/h/${instance}"} ${(scrape * 1.5 + series) * 1e6}\n`;
      written++;
    }
  }
  return text;
}

function withExemplars(text: string): string {
  return text.replaceAll(/^(.*_bucket.*)$/gm, '$1 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.25 1700000000.25');
}

/** An order that has little to do with the given one. */
function byTail(a: string, b: string): number {
  const x = a.split("").reverse().join("");
  const y = b.split("").reverse().join("");
  return x < y ? -1 : x > y ? 1 : 0;
}
