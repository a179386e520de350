import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import { child, entriesOf, entry, list, literal, map, textOf } from "../nodes.ts";

const kinds = ["counter", "gauge", "histogram"] as const;

/** `metrics: { name: { type: Counter, config: {…} } }` as lists of counters, gauges and histograms. */
export function metricsStage(metrics: YamlNode): YamlNode {
  const lists = kinds.flatMap((kind) => {
    const ofKind = entriesOf(metrics).filter(({ value }) => textOf(child(value, "type"))?.toLowerCase() === kind);
    return ofKind.length === 0 ? [] : [entry(`${kind}s`, list(ofKind.map(metricOf), metrics.range))];
  });
  return map(lists, metrics.range);
}

function metricOf({ key, keyRange, value }: YamlEntry): YamlNode {
  const fields = entriesOf(value).filter((field) => field.key !== "type" && field.key !== "config");
  const config = entriesOf(child(value, "config"));
  const prefix = child(value, "prefix") === undefined ? [entry("prefix", literal("promtail_custom_", keyRange))] : [];
  return map([entry("name", literal(key, keyRange)), ...prefix, ...fields, ...config], value.range);
}
