/** Settings of a job, spelled as in prometheus.yml. */
export interface Job {
  readonly settings: Readonly<Record<string, unknown>>;
  /** For the Prometheus that runs with native histograms and extra metrics, which are flags of the process there. */
  readonly sonde?: Readonly<Record<string, unknown>>;
}

/** The settings that cases are scraped with, by name. */
export const jobs: Readonly<Record<string, Job>> = {
  default: { settings: {} },
  "honor labels": { settings: { honor_labels: true } },
  "own time": { settings: { honor_timestamps: false } },
  "track staleness": { settings: { track_timestamps_staleness: true } },
  "sample limit": { settings: { sample_limit: 3 } },
  "label limit": { settings: { label_limit: 6 } },
  "label name limit": { settings: { label_name_length_limit: 10 } },
  "label value limit": { settings: { label_value_length_limit: 60 } },
  "body limit": { settings: { body_size_limit: "1000B" } },
  uncompressed: { settings: { enable_compression: false } },
  "no redirects": { settings: { follow_redirects: false } },
  // Prometheus 3.5 wants the escaping said where only the job, not the global section, is legacy.
  legacy: { settings: { metric_name_validation_scheme: "legacy", metric_name_escaping_scheme: "underscores" } },
  "fallback text": { settings: { fallback_scrape_protocol: "PrometheusText0.0.4" } },
  "fallback OpenMetrics": { settings: { fallback_scrape_protocol: "OpenMetricsText1.0.0" } },
  "fallback protobuf": { settings: { fallback_scrape_protocol: "PrometheusProto" } },
  "protobuf first": { settings: { scrape_protocols: ["PrometheusProto", "PrometheusText0.0.4"] } },
  "dropped series": {
    settings: {
      metric_relabel_configs: [
        { source_labels: ["__name__"], regex: "drop_.*", action: "drop" },
        { regex: "secret", action: "labeldrop" },
        { source_labels: ["a"], regex: "(.+)", target_label: "copy", replacement: "<$1>" },
        { source_labels: ["rename"], regex: "(.+)", target_label: "__name__" },
      ],
    },
  },
  "dropped names": { settings: { metric_relabel_configs: [{ regex: "__name__", action: "labeldrop" }] } },
  "relabeled and limited": {
    settings: {
      sample_limit: 2,
      metric_relabel_configs: [{ source_labels: ["__name__"], regex: "drop_.*", action: "drop" }],
    },
  },
  native: { settings: {}, sonde: { scrape_native_histograms: true, extra_metrics: true } },
  "native and classic": {
    settings: { always_scrape_classic_histograms: true },
    sonde: { scrape_native_histograms: true, scrape_classic_histograms: true, extra_metrics: true },
  },
  "native with few buckets": {
    settings: { native_histogram_bucket_limit: 4 },
    sonde: { scrape_native_histograms: true, native_histogram_bucket_limit: 4, extra_metrics: true },
  },
  nhcb: {
    settings: { convert_classic_histograms_to_nhcb: true },
    sonde: { scrape_native_histograms: true, extra_metrics: true },
  },
  "nhcb and classic": {
    settings: { convert_classic_histograms_to_nhcb: true, always_scrape_classic_histograms: true },
    sonde: { scrape_native_histograms: true, scrape_classic_histograms: true, extra_metrics: true },
  },
  "nhcb with few buckets": {
    settings: { convert_classic_histograms_to_nhcb: true, native_histogram_bucket_limit: 3 },
    sonde: { scrape_native_histograms: true, extra_metrics: true },
  },
  "extra metrics": {
    settings: { sample_limit: 3, body_size_limit: "1000B", scrape_timeout: "2s" },
    sonde: { scrape_native_histograms: true, extra_metrics: true },
  },
};

/** The flags of the Prometheus that scrapes the jobs with settings of Sonde's own. */
export const featureFlags = ["--enable-feature=native-histograms,extra-scrape-metrics"];

const spelledOtherwise: Readonly<Record<string, string>> = { metric_relabel_configs: "metric_relabel_rules" };
const onlyInPrometheus: ReadonlySet<string> = new Set(["always_scrape_classic_histograms"]);

/** The settings as Sonde spells them. */
export function sondeSettings({ settings, sonde = {} }: Job): Record<string, unknown> {
  const entries = Object.entries(settings).filter(([name]) => !onlyInPrometheus.has(name));
  return { ...Object.fromEntries(entries.map(([name, value]) => [spelledOtherwise[name] ?? name, value])), ...sonde };
}
