import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import { entriesOf, entry, itemsOf, list, literal, map, textOf } from "../nodes.ts";
import { metricsStage } from "./metrics-stage.ts";

/** `pipeline_stages` as the stages of a loki.process. */
export function convertStages(stages: YamlNode): YamlNode {
  return list(
    itemsOf(stages).flatMap((stage) => entriesOf(stage).map((each) => map([convertStage(each)], stage.range))),
    stages.range,
  );
}

function convertStage(stage: YamlEntry): YamlEntry {
  const { key, value } = stage;
  if (key in valueStages)
    return { ...stage, key: valueStages[key] ?? key, value: map([entry("values", value)], value.range) };
  if (key === "metrics") return { ...stage, value: metricsStage(value) };
  if (value.kind !== "map") return { ...stage, value: map([], value.range) };
  return { ...stage, value: { ...value, entries: value.entries.map((field) => convertField(key, field)) } };
}

/** Stages whose options are a mapping or a list of names, which Sonde has under `values`. */
const valueStages: Readonly<Record<string, string>> = {
  labels: "labels",
  labeldrop: "label_drop",
  labelallow: "label_keep",
  static_labels: "static_labels",
  structured_metadata: "structured_metadata",
};

function convertField(stage: string, field: YamlEntry): YamlEntry {
  const { key, value } = field;
  if (stage === "match" && key === "stages") return { ...field, value: convertStages(value) };
  // Sonde has several sources with commas between.
  if (stage === "drop" && key === "source" && value.kind === "list") {
    return { ...field, value: literal(value.items.flatMap((item) => textOf(item) ?? []).join(","), value.range) };
  }
  return field;
}
