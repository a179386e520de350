import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Diagnostic, mistake } from "../../../config/diagnostic.ts";
import { type ConfigFile, parseConfigFile } from "../../../config/parse.ts";
import { describeError } from "../../../lib/errors.ts";
import type { YamlNode } from "../../../lib/yaml.ts";
import type { Conversion, Surroundings } from "../conversion.ts";
import { Draft, Ids } from "../draft.ts";
import { child, entriesOf, entry, isEmpty, itemsOf, list, literal, literally, map, textOf } from "../nodes.ts";
import { convertExternalLabels } from "./external-labels.ts";
import { convertJob, inherited } from "./job.ts";
import { globalReasons, topLevelReasons } from "./reasons.ts";
import { convertRemoteWrite } from "./remote-write.ts";

/** A prometheus.yml, and the files that it takes jobs from, as a config of Sonde. */
export function convertPrometheus(file: ConfigFile, surroundings: Surroundings): Conversion {
  const ids = new Ids();
  const draft = new Draft(file, { manifest: surroundings.manifest, ids });
  const global = child(file.root, "global");
  for (const { key, keyRange, value } of [...file.root.entries, ...entriesOf(global)]) {
    const [severity, why] = topLevelReasons[key] ?? globalReasons[key] ?? unknown(key);
    if (!isKnown(key) && !isEmpty(value)) draft.find(severity, `${key}: ${why}`, keyRange);
  }
  const sinks = sinksOf(file.root, draft);
  for (const job of itemsOf(child(file.root, "scrape_configs"))) convertJob(job, global, sinks, draft);
  draft.moveToEnd(sinks.length);
  const { others, diagnostics } = jobFiles(file, surroundings);
  const more = others.map((other) => {
    const part = new Draft(other, { manifest: surroundings.manifest, ids });
    for (const job of itemsOf(child(other.root, "scrape_configs"))) convertJob(job, global, sinks, part);
    return part.converted;
  });
  return { files: [draft.converted, ...more], diagnostics };
}

function isKnown(key: string): boolean {
  return (
    ["global", "scrape_configs", "scrape_config_files", "remote_write", "external_labels"].includes(key) ||
    inherited.includes(key)
  );
}

function unknown(key: string): readonly ["error", string] {
  return ["error", `Prometheus has no \`${key}\` here, or Sonde has no equal`];
}

/** The components that samples are sent to. Whoever sends nowhere has a server to query: it can be sent to. */
function sinksOf(root: YamlNode, draft: Draft): readonly string[] {
  const labels = entriesOf(child(root, "global")).find(
    ({ key, value }) => key === "external_labels" && !isEmpty(value),
  );
  const externalLabels = labels && convertExternalLabels(labels);
  const writes = itemsOf(child(root, "remote_write")).map(literally);
  if (writes.length > 0) return convertRemoteWrite(writes, externalLabels, draft);
  const range = { line: 1, column: 1, length: 1 };
  const id = draft.id("prometheus.remote_write", "default");
  const url = entry("url", literal("http://localhost:9090/api/v1/write", range));
  const endpoints = entry("endpoints", list([map([url], range)], range));
  draft.find(
    "error",
    "there is no remote_write; say where the samples are to be sent (a Prometheus server takes them with --web.enable-remote-write-receiver)",
    range,
    id,
  );
  draft.add(id, [...(externalLabels ? [externalLabels] : []), endpoints], range);
  return [id];
}

/** The files of `scrape_config_files`, each with a list of jobs; patterns start at the folder of the file. */
function jobFiles(file: ConfigFile, { readFile }: Surroundings): { others: ConfigFile[]; diagnostics: Diagnostic[] } {
  const patterns = itemsOf(child(file.root, "scrape_config_files")).flatMap((node) => textOf(node) ?? []);
  const paths = patterns.flatMap((pattern) => globSync(resolve(file.dir, pattern)).toSorted());
  const others: ConfigFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of new Set(paths.map((each) => join(each)))) {
    try {
      const parsed = parseConfigFile(path, readFile(path));
      diagnostics.push(...parsed.diagnostics);
      if (parsed.file !== undefined) others.push(parsed.file);
    } catch (error) {
      diagnostics.push(mistake(`cannot read ${path}: ${describeError(error)}`));
    }
  }
  return { others, diagnostics };
}
