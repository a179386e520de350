import { Body } from "../../src/formats/exposition/body.ts";
import { ProtobufReader } from "../../src/formats/exposition/protobuf.ts";
import { Rows } from "../../src/formats/exposition/rows.ts";
import { encodeFamilies, type Family, type Metric } from "../../test/reference/protobuf-exposition.ts";
import type { BenchRow } from "./row.ts";

const scrapes = 200;

/** A page as in scan.ts, of about 10,000 samples, and one of native histograms; all values new at each scrape. */
export async function bench(): Promise<BenchRow[]> {
  const pages = Array.from({ length: 4 }, (_, scrape) => bodyOf(classicFamilies(scrape)));
  const native = Array.from({ length: 4 }, (_, scrape) => bodyOf([nativeFamily(scrape)]));
  return [
    { stage: "scan: protobuf, first sight of a series", nsPerSample: time(1, pages, newReader()) },
    {
      stage: "scan: protobuf",
      nsPerSample: time(scrapes, pages, warm(pages)),
      note: "half of it counters, half classic histograms",
    },
    {
      stage: "scan: protobuf, native histograms",
      nsPerSample: time(scrapes, native, warm(native)),
      note: "a sample is a histogram of 40 buckets",
    },
  ];
}

function newReader(): ProtobufReader {
  return new ProtobufReader({
    nativeHistograms: true,
    classicHistograms: false,
    bucketLimit: 0,
    minBucketFactor: 0,
    startTimestamps: false,
  });
}

function warm(bodies: readonly Body[]): ProtobufReader {
  const reader = newReader();
  time(20, bodies, reader);
  return reader;
}

function time(runs: number, bodies: readonly Body[], reader: ProtobufReader): number {
  const rows = new Rows();
  let read = 0;
  const started = performance.now();
  for (let run = 0; run < runs; run++) {
    rows.clear();
    const error = reader.read(bodies[run % bodies.length]!, rows);
    if (error !== undefined) throw error;
    read += rows.length;
  }
  return ((performance.now() - started) * 1e6) / read;
}

function bodyOf(families: readonly Family[]): Body {
  const body = new Body();
  body.append(encodeFamilies(families));
  return body;
}

function classicFamilies(scrape: number): Family[] {
  return Array.from({ length: 45 }, (_, family): Family[] => {
    const histograms = Array.from({ length: 8 }, (_, path): Metric => {
      const buckets = Array.from({ length: 12 }, (_, bucket) => ({
        bound: bucket < 11 ? 0.005 * 2 ** bucket : Infinity,
        count: scrape * 17 + bucket,
      }));
      const labels = { method: "GET", path: `/api/v1/resource/${family * 8 + path}` };
      return { labels, histogram: { count: scrape * 17 + 12, sum: scrape * 1.25 + path, buckets } };
    });
    const counters = Array.from({ length: 112 }, (_, series): Metric => {
      return { labels: { code: "200", handler: `/h/${series}` }, value: (scrape * 1.5 + series) * 1e6 };
    });
    return [
      {
        name: `app_http_request_duration_seconds_${family}`,
        help: "Time that requests took, by method and path.",
        type: "histogram",
        metrics: histograms,
      },
      { name: `app_requests_total_${family}`, help: "Requests.", type: "counter", metrics: counters },
    ];
  }).flat();
}

function nativeFamily(scrape: number): Family {
  const metrics = Array.from({ length: 500 }, (_, path): Metric => {
    const positiveDeltas = Array.from({ length: 40 }, (_, bucket) => (bucket % 2 === 0 ? 5 + scrape : -4));
    const counts = positiveDeltas.map((_, at) => positiveDeltas.slice(0, at + 1).reduce((a, b) => a + b));
    return {
      labels: { method: "GET", path: `/api/v1/resource/${path}` },
      histogram: {
        count: counts.reduce((a, b) => a + b),
        sum: scrape * 1.25,
        schema: 3,
        positiveSpans: [
          [-10, 25],
          [4, 15],
        ],
        positiveDeltas,
      },
    };
  });
  return { name: "app_request_duration_seconds", help: "Time that requests took.", type: "histogram", metrics };
}
