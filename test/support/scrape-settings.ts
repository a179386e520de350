import { metricRelabeling } from "../../src/engines/scrape/metric-relabeling.ts";
import type { ScrapeSettings } from "../../src/engines/scrape/settings.ts";
import { targetRelabeling } from "../../src/engines/scrape/target-relabeling.ts";

/** A job without limits and without special wishes. */
export const scrapeSettings: ScrapeSettings = {
  jobName: "test",
  defaultJobName: "default",
  scheme: "http",
  metricsPath: "/metrics",
  params: {},
  intervalMs: 10_000,
  timeoutMs: 5_000,
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  relabeling: targetRelabeling([]),
  metricRelabeling: metricRelabeling([]),
  extraMetrics: false,
  scrapeProtocols: ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
  fallbackScrapeProtocol: undefined,
  nameValidationScheme: "utf8",
  nameEscapingScheme: "allow-utf-8",
  onParseError: "fail",
  enableCompression: true,
  nativeHistograms: false,
  classicHistograms: false,
  convertClassicHistograms: false,
  startTimestamps: false,
  nativeHistogramBucketLimit: 0,
  nativeHistogramMinBucketFactor: 0,
  bodySizeLimit: 0,
  sampleLimit: 0,
  targetLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
};
