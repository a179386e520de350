import type { ScrapeReport } from "../../agent/scrape-once/scrape-once.ts";
import type { Shown } from "./scrape-report.ts";

/** The report for programs. Values are text, as in Prometheus' HTTP API: JSON has no NaN. */
export function reportToJson(report: ScrapeReport, { samples, limit }: Shown): object {
  const { url, answer, timing, families, series, repeated, mistakes, failure } = report;
  return {
    up: failure === undefined,
    url,
    ...(failure !== undefined && { error: failure }),
    ...(answer !== undefined && { answer }),
    timing_ms: timing,
    families: families.length,
    series,
    samples: report.samples.length,
    repeated_samples: repeated,
    mistakes,
    by_family: families.slice(0, limit),
    ...(samples && { by_sample: report.samples.slice(0, limit) }),
  };
}
