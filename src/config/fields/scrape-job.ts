import { z } from "zod";
import { bytes, positiveDuration } from "../fields.ts";
import { clustering } from "./clustering.ts";
import { file } from "./file.ts";
import { checkHttpClient, httpClientFields } from "./http-client.ts";
import { relabelRules } from "./relabel-rule.ts";
import { staticConfigs } from "./static-configs.ts";

const protocol = z.enum([
  "PrometheusProto",
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
]);

const limit = z.int().min(0).default(0);

/** The settings of prometheus.scrape: those of a job in prometheus.yml, and the targets it knows beforehand. */
export const scrapeJob = z
  .strictObject({
    job_name: z
      .string()
      .min(1, "a job name cannot be empty")
      .optional()
      .describe(
        "Label `job` of targets that have none; if left out, `integrations/<name>` for exporters and the component's id for others.",
      ),
    static_configs: staticConfigs.describe("Targets that are known beforehand."),
    relabel_rules: relabelRules
      .default([])
      .describe(
        "Relabel rules for each target, with `job` and the other labels of the settings, as `relabel_configs` in prometheus.yml.",
      ),
    scrape_interval: positiveDuration.prefault("60s").describe("Time between two scrapes of a target."),
    scrape_timeout: positiveDuration
      .optional()
      .describe("How long a scrape may take; 10s if left out, or the interval where that is shorter."),
    metrics_path: z.string().default("/metrics").describe("Path of the page to scrape."),
    scheme: z.enum(["http", "https"]).default("http").describe("Scheme of the page to scrape."),
    params: z
      .record(z.string(), z.array(z.string()))
      .default({})
      .describe("Parameters of the URL. `collect[]` and `exclude[]` reach exporters in this process, too."),
    honor_labels: z
      .boolean()
      .default(false)
      .describe("Whether labels of the target's own series win over the target's labels."),
    honor_timestamps: z.boolean().default(true).describe("Whether timestamps on the page are taken."),
    track_timestamps_staleness: z
      .boolean()
      .default(false)
      .describe("Whether series with timestamps of their own get stale markers, too."),
    metric_relabel_rules: relabelRules
      .default([])
      .describe("Relabel rules for each series, as `metric_relabel_configs` in prometheus.yml."),
    extra_metrics: z
      .boolean()
      .default(false)
      .describe(
        "Whether a scrape also reports `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes`.",
      ),
    scrape_protocols: z
      .array(protocol)
      .min(1, "at least one protocol is needed")
      .optional()
      .describe(
        "Formats to ask the target for, the preferred one first; if left out, OpenMetrics before the text format, and " +
          "protobuf before both where `scrape_native_histograms` or `scrape_start_timestamps` is set.",
      ),
    fallback_scrape_protocol: protocol
      .optional()
      .describe("How to read an answer without a Content-Type that says it; if left out, the scrape fails."),
    metric_name_validation_scheme: z
      .enum(["utf8", "legacy"])
      .default("utf8")
      .describe("Which names of metrics and labels are valid: all UTF-8, or only letters, digits, `_` and `:`."),
    metric_name_escaping_scheme: z
      .enum(["allow-utf-8", "underscores", "dots", "values"])
      .optional()
      .describe(
        "How the target is asked to write names that are not legacy names; `allow-utf-8`, or `underscores` under legacy validation.",
      ),
    on_parse_error: z
      .enum(["fail", "keep_valid"])
      .default("fail")
      .describe("Whether a line that cannot be read fails the scrape, as in Prometheus, or is left out and counted."),
    scrape_native_histograms: z.boolean().default(false).describe("Whether native histograms are asked for and taken."),
    scrape_classic_histograms: z
      .boolean()
      .default(false)
      .describe("Whether the classic series of a histogram that is native as well, or is made to be, are taken, too."),
    convert_classic_histograms_to_nhcb: z
      .boolean()
      .default(false)
      .describe("Whether classic histograms become native ones with custom buckets, in any format."),
    scrape_start_timestamps: z
      .boolean()
      .default(false)
      .describe(
        "Whether the times at which counters, histograms and summaries began to count are taken (`_created` of OpenMetrics, " +
          "`created_timestamp` of protobuf) and sent with their samples, which remote write 2.0 alone can. The `_created` " +
          "series themselves are not taken then.",
      ),
    native_histogram_bucket_limit: limit.describe(
      "Native histograms with more buckets are made coarser until they fit; 0 is no limit.",
    ),
    native_histogram_min_bucket_factor: z
      .number()
      .min(0)
      .default(0)
      .describe("Native histograms whose buckets grow by a smaller factor are made coarser; 0 is no limit."),
    enable_compression: z.boolean().default(true).describe("Whether the page is asked for compressed."),
    body_size_limit: bytes
      .prefault("64MiB")
      .describe("A page of this size or more, uncompressed, fails the scrape; `0B` is no limit."),
    sample_limit: limit.describe("More samples than this fail the scrape; 0 is no limit."),
    target_limit: limit.describe("With more targets than this none is scraped; 0 is no limit."),
    keep_dropped_targets: limit.describe(
      "How many of the targets that cannot be scraped `/api/v1/targets` lists; 0 is 1000.",
    ),
    label_limit: limit.describe("A series with more labels than this fails the scrape; 0 is no limit."),
    label_name_length_limit: limit.describe("A label name with more bytes fails the scrape; 0 is no limit."),
    label_value_length_limit: limit.describe("A label value with more bytes fails the scrape; 0 is no limit."),
    scrape_failure_log_file: file
      .optional()
      .describe("File that gets a line of JSON for each scrape that fails; it may be renamed at any time."),
    clustering: clustering
      .optional()
      .describe("Shares the targets among several agents; all of them must discover the same ones."),
    ...httpClientFields,
  })
  .superRefine((config, context) => {
    checkHttpClient(config, context);
    checkProtocols(config, context);
    if (config.convert_classic_histograms_to_nhcb && !config.scrape_native_histograms) {
      const message = "needs scrape_native_histograms: what classic histograms become would be dropped without it";
      context.addIssue({ code: "custom", path: ["convert_classic_histograms_to_nhcb"], message });
    }
    for (const [entry, { targets }] of config.static_configs.entries()) {
      for (const [at, address] of targets.entries()) {
        if ((address !== "" && !address.includes("/")) || config.relabel_rules.length > 0) continue;
        const message = `"${address}" is not a host and port; write the path at metrics_path, the scheme at scheme`;
        context.addIssue({ code: "custom", path: ["static_configs", entry, "targets", at], message });
      }
    }
    if ((config.scrape_timeout ?? 0) <= config.scrape_interval) return;
    const message = "must not be longer than scrape_interval";
    context.addIssue({ code: "custom", path: ["scrape_timeout"], message });
  });

export type ScrapeJob = z.output<typeof scrapeJob>;

interface Protocols {
  readonly scrape_protocols?: readonly string[] | undefined;
  readonly metric_name_validation_scheme: string;
  readonly metric_name_escaping_scheme?: string | undefined;
}

function checkProtocols(config: Protocols, context: z.RefinementCtx): void {
  const protocols = config.scrape_protocols ?? [];
  for (const [at, name] of protocols.entries()) {
    if (protocols.indexOf(name) === at) continue;
    context.addIssue({ code: "custom", path: ["scrape_protocols", at], message: `${name} is in the list already` });
  }
  if (config.metric_name_validation_scheme !== "legacy" || config.metric_name_escaping_scheme !== "allow-utf-8") return;
  const message = "legacy validation refuses the names that allow-utf-8 asks for; choose underscores, dots or values";
  context.addIssue({ code: "custom", path: ["metric_name_escaping_scheme"], message });
}
