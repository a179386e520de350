import { plainValue, type YamlEntry, type YamlNode } from "../../lib/yaml.ts";
import type { Draft } from "./draft.ts";
import { withNames } from "./endpoint-names.ts";
import { entriesOf, entry, list, map } from "./nodes.ts";

/** Fields of an endpoint that Sonde has once for all endpoints of a component. */
const shared: readonly string[] = ["batch_size", "batch_wait"];

/** Where logs go to, before it is a component. */
export interface LokiEndpoint {
  readonly endpoint: YamlNode;
  readonly externalLabels: YamlEntry | undefined;
}

/** One loki.write for all endpoints that share labels and batches. Returns the ids. */
export function writeLoki(
  endpoints: readonly LokiEndpoint[],
  more: readonly YamlEntry[],
  draft: Draft,
  label: string,
): string[] {
  return [...Map.groupBy(endpoints, settingsKey).values()].map((group) => {
    const id = draft.id("loki.write", label);
    const [first] = group;
    const range = first?.endpoint.range ?? { line: 1, column: 1, length: 1 };
    const nodes = group.map(({ endpoint }) =>
      map(
        entriesOf(endpoint).filter(({ key }) => !shared.includes(key)),
        endpoint.range,
      ),
    );
    const labels = first?.externalLabels === undefined ? [] : [first.externalLabels];
    draft.add(
      id,
      [...labels, entry("endpoints", list(withNames(nodes), range), range), ...sharedOf(first), ...more],
      range,
    );
    return id;
  });
}

function settingsKey(endpoint: LokiEndpoint): string {
  const { externalLabels } = endpoint;
  return JSON.stringify([
    externalLabels && plainValue(externalLabels.value),
    sharedOf(endpoint).map(({ key, value }) => [key, plainValue(value)]),
  ]);
}

function sharedOf(endpoint: LokiEndpoint | undefined): YamlEntry[] {
  return entriesOf(endpoint?.endpoint).filter(({ key }) => shared.includes(key));
}
