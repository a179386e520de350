import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { pathFields } from "../log-files.ts";
import { child, entriesOf, entry, idList, itemsOf, list, map } from "../nodes.ts";

/** The files of a job that needs no more than paths and labels; undefined for others. */
export function staticPaths(fields: readonly YamlEntry[], job: YamlNode): YamlEntry[] | undefined {
  if (child(job, "relabel_configs") !== undefined || fields.some(({ key }) => key !== "static_configs"))
    return undefined;
  const sets = fields.flatMap(({ value }) => itemsOf(value).map(labelsOf));
  return pathFields(sets, fields[0]?.keyRange ?? job.range);
}

/**
 * The files of a job, as the fields of a local.file_match. What is written out becomes `path_targets`; where discoveries or
 * relabel rules are to say what is read, they stand in front of it.
 */
export function fileTargets(fields: readonly YamlEntry[], job: YamlNode, label: string, draft: Draft): YamlEntry[] {
  const rules = entriesOf(job).find(({ key }) => key === "relabel_configs");
  const statics = fields.filter(({ key }) => key === "static_configs").flatMap(({ value }) => itemsOf(value));
  const found = fields.flatMap((field) => discoveriesOf(field, label, draft));
  const range = fields[0]?.keyRange ?? job.range;
  if (rules === undefined) {
    return [
      ...(found.length > 0 ? [idList("targets", found, range)] : []),
      ...(statics.length > 0 ? [entry("path_targets", list(statics.map(labelsOf), range))] : []),
    ];
  }
  const relabel = draft.id("discovery.relabel", label);
  draft.add(
    relabel,
    [
      ...(found.length > 0 ? [idList("targets", found, range)] : []),
      ...(statics.length > 0 ? [entry("static_configs", list(statics.map(withAddress), range))] : []),
      { ...rules, key: "rules" },
    ],
    rules.keyRange,
  );
  return [idList("targets", [relabel], range)];
}

function discoveriesOf({ key, keyRange, value }: YamlEntry, label: string, draft: Draft): string[] {
  const [, mechanism] = /^(.+)_sd_configs$/.exec(key) ?? [];
  if (mechanism === undefined) return [];
  const type = `discovery.${mechanism}`;
  if (!draft.has(type)) {
    draft.find("error", `${key}: there is no ${type}`, keyRange);
    return [];
  }
  return itemsOf(value).map((item) => {
    const id = draft.id(type, label);
    draft.add(id, entriesOf(item), item.range);
    return id;
  });
}

/** Of a static target only its labels count: the hosts that are named with it are those of this machine. */
function labelsOf(config: YamlNode): YamlNode {
  return child(config, "labels") ?? map([], config.range);
}

function withAddress(config: YamlNode): YamlNode {
  const targets = entriesOf(config).filter(({ key }) => key === "targets" || key === "labels");
  const hasTargets = targets.some(({ key }) => key === "targets");
  return map(
    hasTargets ? targets : [entry("targets", list([localhost(config)], config.range)), ...targets],
    config.range,
  );
}

function localhost({ range }: YamlNode): YamlNode {
  return { kind: "scalar", value: "localhost", text: "localhost", plain: true, raw: "localhost", range };
}
