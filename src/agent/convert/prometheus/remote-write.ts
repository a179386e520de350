import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import { plainValue } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { withNames } from "../endpoint-names.ts";
import { child, entriesOf, entry, list, literal, map, textOf } from "../nodes.ts";

/** Fields that Sonde has once for all endpoints of a component. */
const shared: readonly string[] = ["send_exemplars", "send_native_histograms", "metadata_config", "queue_config"];

/** Fields of `queue_config` that are among them; the others each endpoint has for itself. */
const sharedQueue: readonly string[] = ["max_samples_per_send", "max_shards", "batch_send_deadline"];

/** More requests at a time than this are refused. */
const maxShards = 8;

/** `remote_write`, as one component for all entries that share their settings. Returns the ids. */
export function convertRemoteWrite(
  writes: readonly YamlNode[],
  externalLabels: YamlEntry | undefined,
  draft: Draft,
  label = "default",
): string[] {
  const ids: string[] = [];
  for (const group of Map.groupBy(writes, (write) => JSON.stringify(sharedOf(write).map(shown).toSorted())).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const id = draft.id("prometheus.remote_write", label);
    ids.push(id);
    const endpoints = entry("endpoints", list(withNames(group.map(endpointOf)), first.range), first.range);
    const settings = sharedOf(first).map((field) => withinBounds(field, id, draft));
    draft.add(id, [...(externalLabels ? [externalLabels] : []), endpoints, ...settings], first.range);
  }
  return ids;
}

function endpointOf(write: YamlNode): YamlNode {
  const fields = entriesOf(write).filter(({ key }) => !shared.includes(key));
  const queue = child(write, "queue_config");
  const backoff = entriesOf(queue).filter(({ key }) => !sharedQueue.includes(key));
  const renamed = fields.map((field) =>
    field.key === "write_relabel_configs" ? { ...field, key: "write_relabel_rules" } : field,
  );
  return map(
    backoff.length === 0 ? renamed : [...renamed, entry("queue_config", map(backoff, write.range))],
    write.range,
  );
}

/** Prometheus sends exemplars and native histograms only where it is told to, Sonde unless it is told not to. */
function sharedOf(write: YamlNode): YamlEntry[] {
  const given = entriesOf(write).filter(({ key }) => shared.includes(key));
  const off = ["send_exemplars", "send_native_histograms"]
    .filter((key) => child(write, key) === undefined)
    .map((key) => entry(key, literal(false, write.range)));
  const queue = entriesOf(child(write, "queue_config")).filter(({ key }) => sharedQueue.includes(key));
  const others = given.filter(({ key }) => key !== "queue_config");
  return [...others, ...off, ...(queue.length > 0 ? [entry("queue_config", map(queue, write.range))] : [])];
}

function shown({ key, value }: YamlEntry): string {
  return JSON.stringify([key, plainValue(value)]);
}

function withinBounds(field: YamlEntry, id: string, draft: Draft): YamlEntry {
  if (field.key !== "queue_config" || field.value.kind !== "map") return field;
  const entries = field.value.entries.map((each) => {
    if (each.key !== "max_shards" || Number(textOf(each.value)) <= maxShards) return each;
    draft.find("note", `max_shards: ${maxShards} requests at a time are the most`, each.keyRange, id);
    return { ...each, value: literal(maxShards, each.value.range) };
  });
  return { ...field, value: { ...field.value, entries } };
}
