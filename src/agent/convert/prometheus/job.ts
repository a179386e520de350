import { formatDuration, parseDuration } from "../../../lib/duration.ts";
import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { withNativeHistograms } from "../native-histograms.ts";
import { child, entriesOf, entry, idList, isEmpty, itemsOf, literal, literally, textOf } from "../nodes.ts";

/** What prometheus.yml and Sonde call differently. */
const renamed: Readonly<Record<string, string>> = {
  relabel_configs: "relabel_rules",
  metric_relabel_configs: "metric_relabel_rules",
  always_scrape_classic_histograms: "scrape_classic_histograms",
  extra_scrape_metrics: "extra_metrics",
};

/** Keys of `global` that a job takes where it has none of its own; 0 counts as none. */
export const inherited: readonly string[] = [
  "scrape_interval",
  "scrape_timeout",
  "scrape_protocols",
  "scrape_failure_log_file",
  "body_size_limit",
  "sample_limit",
  "target_limit",
  "label_limit",
  "label_name_length_limit",
  "label_value_length_limit",
  "keep_dropped_targets",
  "metric_name_validation_scheme",
  "metric_name_escaping_scheme",
  "convert_classic_histograms_to_nhcb",
  "always_scrape_classic_histograms",
  "scrape_classic_histograms",
  "scrape_native_histograms",
  "extra_scrape_metrics",
];

/** One of `scrape_configs`, as a prometheus.scrape and the discoveries that it has. */
export function convertJob(job: YamlNode, global: YamlNode | undefined, sinks: readonly string[], draft: Draft): void {
  const name = textOf(child(job, "job_name")) ?? "";
  const range = child(job, "job_name")?.range ?? job.range;
  const id = draft.id("prometheus.scrape", name);
  const label = id.slice("prometheus.scrape.".length);
  const targets: string[] = [];
  const fields: YamlEntry[] = [];
  for (const field of entriesOf(job)) {
    const [, mechanism] = /^(.+)_sd_configs$/.exec(field.key) ?? [];
    if (mechanism !== undefined) targets.push(...discoveriesOf(field, mechanism, label, id, draft));
    else if (!isEmpty(field.value) && !isLeftToGlobal(field)) fields.push(converted(field));
  }
  fields.push(...defaultsOf(global, job));
  draft.add(
    id,
    withNativeHistograms(
      [
        ...fields.filter(({ key }) => key === "job_name"),
        ...(targets.length > 0 ? [idList("targets", targets, range)] : []),
        ...fields.filter(({ key }) => key !== "job_name"),
        idList("forward_to", sinks, range),
      ],
      id,
      draft,
    ),
    range,
  );
}

function converted({ key, keyRange, value }: YamlEntry): YamlEntry {
  return { key: renamed[key] ?? key, keyRange, value: literally(value) };
}

function discoveriesOf({ keyRange, value }: YamlEntry, mechanism: string, label: string, id: string, draft: Draft) {
  const type = `discovery.${mechanism}`;
  if (!draft.has(type)) {
    draft.find("error", `${mechanism}_sd_configs: there is no ${type}`, keyRange, id);
    return [];
  }
  return itemsOf(value).map((item) => {
    const discovery = draft.id(type, label);
    draft.add(discovery, entriesOf(literally(item)), item.range);
    return discovery;
  });
}

/** What `global` says and the job does not; a timeout of `global` is cut to the interval of the job. */
function defaultsOf(global: YamlNode | undefined, job: YamlNode): YamlEntry[] {
  const own = new Set(entriesOf(job).flatMap((field) => (isLeftToGlobal(field) ? [] : field.key)));
  const interval = effective("scrape_interval", job, global) ?? "1m";
  return entriesOf(global)
    .filter(({ key, value }) => inherited.includes(key) && !own.has(key) && !isEmpty(value))
    .map((field) => {
      if (field.key !== "scrape_timeout") return converted(field);
      return entry("scrape_timeout", shorter(field.value, interval), field.keyRange);
    });
}

function effective(key: string, job: YamlNode, global: YamlNode | undefined): string | undefined {
  const own = entriesOf(job).find((field) => field.key === key);
  return own === undefined || isLeftToGlobal(own) ? textOf(child(global, key)) : textOf(own.value);
}

function shorter(timeout: YamlNode, interval: string): YamlNode {
  const [a = 0, b = 0] = [parseDuration(textOf(timeout) ?? ""), parseDuration(interval)];
  return b > 0 && a > b ? literal(formatDuration(b), timeout.range) : timeout;
}

function isLeftToGlobal({ key, value }: YamlEntry): boolean {
  return inherited.includes(key) && value.kind === "scalar" && /^(0|0s|0B|)$/.test(value.text);
}
