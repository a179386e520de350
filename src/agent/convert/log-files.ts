import { plainValue, type YamlEntry, type YamlNode, type YamlRange } from "../../lib/yaml.ts";
import { child, entriesOf, entry, list, map } from "./nodes.ts";

/**
 * Label sets with `__path__`, as the fields `paths`, `exclude` and `labels` of one loki.source.file; undefined where their
 * labels differ, so that a local.file_match has to tell them apart.
 */
export function pathFields(labelSets: readonly YamlNode[], range: YamlRange): YamlEntry[] | undefined {
  const [first] = labelSets;
  if (first === undefined || new Set(labelSets.map((set) => JSON.stringify(plainValue(labelsOf(set))))).size > 1) {
    return undefined;
  }
  const of = (name: string) => labelSets.flatMap((set) => child(set, name) ?? []);
  const [paths, exclude, labels] = [of("__path__"), of("__path_exclude__"), labelsOf(first)];
  return [
    entry("paths", list(paths, range)),
    ...(exclude.length > 0 ? [entry("exclude", list(exclude, range))] : []),
    ...(entriesOf(labels).length > 0 ? [entry("labels", labels)] : []),
  ];
}

function labelsOf(set: YamlNode): YamlNode {
  return map(
    entriesOf(set).filter(({ key }) => key !== "__path__" && key !== "__path_exclude__"),
    set.range,
  );
}
