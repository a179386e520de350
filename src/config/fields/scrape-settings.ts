import type { ScrapeJob } from "./scrape-job.ts";

/** A job as the scrape engine takes it, but for the rules; `id` is the job of targets that have none of any other origin. */
export function scrapeSettings(config: ScrapeJob, id: string) {
  return {
    jobName: config.job_name,
    defaultJobName: id,
    scheme: config.scheme,
    metricsPath: config.metrics_path,
    params: config.params,
    intervalMs: config.scrape_interval,
    timeoutMs: config.scrape_timeout ?? Math.min(10_000, config.scrape_interval),
    honorLabels: config.honor_labels,
    honorTimestamps: config.honor_timestamps,
    trackTimestampsStaleness: config.track_timestamps_staleness,
    extraMetrics: config.extra_metrics,
    scrapeProtocols: scrapeProtocols(config),
    fallbackScrapeProtocol: config.fallback_scrape_protocol,
    nameValidationScheme: config.metric_name_validation_scheme,
    nameEscapingScheme: nameEscapingScheme(config),
    onParseError: config.on_parse_error,
    enableCompression: config.enable_compression,
    nativeHistograms: config.scrape_native_histograms,
    classicHistograms: config.scrape_classic_histograms,
    convertClassicHistograms: config.convert_classic_histograms_to_nhcb,
    startTimestamps: config.scrape_start_timestamps,
    nativeHistogramBucketLimit: config.native_histogram_bucket_limit,
    nativeHistogramMinBucketFactor: config.native_histogram_min_bucket_factor,
    bodySizeLimit: config.body_size_limit,
    sampleLimit: config.sample_limit,
    targetLimit: config.target_limit,
    labelLimit: config.label_limit,
    labelNameLengthLimit: config.label_name_length_limit,
    labelValueLengthLimit: config.label_value_length_limit,
  };
}

/** Native histograms travel as protobuf only, and start timestamps cost nothing there: who wants them asks for it first. */
function scrapeProtocols({ scrape_protocols, scrape_native_histograms, scrape_start_timestamps }: ScrapeJob) {
  if (scrape_protocols !== undefined) return scrape_protocols;
  return scrape_native_histograms || scrape_start_timestamps
    ? (["PrometheusProto", ...textProtocols] as const)
    : textProtocols;
}

const textProtocols = [
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
] as const;

function nameEscapingScheme({ metric_name_escaping_scheme, metric_name_validation_scheme }: ScrapeJob) {
  return metric_name_escaping_scheme ?? (metric_name_validation_scheme === "legacy" ? "underscores" : "allow-utf-8");
}
