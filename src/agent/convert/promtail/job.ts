import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { child, entriesOf, entry, idList, itemsOf, list, literal, map, textOf } from "../nodes.ts";
import { fileTargets, staticPaths } from "./file-targets.ts";
import { convertStages } from "./stages.ts";

/** What a job is converted with. */
interface Job {
  readonly node: YamlNode;
  readonly label: string;
  readonly sinks: readonly string[];
  /** Rules, under the name that sources have for them. */
  readonly rules: readonly YamlEntry[];
  readonly settings: SharedSettings;
  readonly draft: Draft;
}

/** What promtail says once for all jobs. */
export interface SharedSettings {
  /** `target_config.sync_period`. */
  readonly sync: YamlEntry | undefined;
  /** `positions.filename`. */
  readonly positions: YamlEntry | undefined;
}

/** One of promtail's `scrape_configs`: its sources, and the pipeline behind them. */
export function convertLogJob(node: YamlNode, sinks: readonly string[], settings: SharedSettings, draft: Draft): void {
  const label = textOf(child(node, "job_name")) ?? "default";
  const rules = entriesOf(node).filter(({ key }) => key === "relabel_configs");
  const behind = pipelineOf(node, label, sinks, draft);
  const relabelRules = rules.map((each) => ({ ...each, key: "relabel_rules" }));
  const job = { node, label, sinks: behind, rules: relabelRules, settings, draft };
  const files: YamlEntry[] = [];
  for (const field of entriesOf(node)) {
    const convertSource = sources[field.key];
    if (convertSource !== undefined) convertSource(field, job);
    else if (field.key === "docker_sd_configs") convertDocker(field, job);
    else if (field.key === "static_configs" || field.key.endsWith("_sd_configs")) files.push(field);
    else if (!ofTheJob.includes(field.key)) {
      draft.find("error", `${field.key}: there is no such source of logs`, field.keyRange);
    }
  }
  if (files.length > 0) convertFiles(files, job);
}

const ofTheJob: readonly string[] = ["job_name", "pipeline_stages", "relabel_configs", "decompression", "encoding"];

const sources: Readonly<Record<string, (field: YamlEntry, job: Job) => void>> = {
  journal: convertJournal,
  syslog: convertSyslog,
  loki_push_api: convertPushApi,
};

/** What the sources of the job forward to. */
function pipelineOf(node: YamlNode, label: string, sinks: readonly string[], draft: Draft): readonly string[] {
  const stages = child(node, "pipeline_stages");
  if (stages === undefined || itemsOf(stages).length === 0) return sinks;
  const id = draft.id("loki.process", label);
  draft.add(id, [entry("stages", convertStages(stages)), idList("forward_to", sinks, stages.range)], stages.range);
  return [id];
}

function convertFiles(fields: readonly YamlEntry[], { node, label, sinks, settings, draft }: Job): void {
  const range = fields[0]?.keyRange ?? node.range;
  const sync = settings.sync === undefined ? [] : [settings.sync];
  const direct = staticPaths(fields, node);
  const options = entriesOf(node).filter(({ key }) => key === "decompression" || key === "encoding");
  const positions = settings.positions === undefined ? [] : [{ ...settings.positions, key: "legacy_positions_file" }];
  const more = [...options, ...positions, idList("forward_to", sinks, range)];
  if (direct !== undefined) {
    const search = sync.length === 0 ? [] : [entry("file_match", map(sync, range))];
    draft.add(draft.id("loki.source.file", label), [...direct, ...search, ...more], range);
    return;
  }
  const match = draft.id("local.file_match", label);
  draft.add(match, [...fileTargets(fields, node, label, draft), ...sync], range);
  draft.add(draft.id("loki.source.file", label), [idList("targets", [match], range), ...more], range);
}

function convertDocker({ value, keyRange }: YamlEntry, { label, sinks, rules, draft }: Job): void {
  for (const discovery of itemsOf(value)) {
    const found = draft.id("discovery.docker", label);
    draft.add(found, entriesOf(discovery), discovery.range);
    const host = entriesOf(discovery).filter(({ key }) => key === "host");
    const id = draft.id("loki.source.docker", label);
    const targets = idList("targets", [found], keyRange);
    draft.add(id, [targets, ...host, ...rules, idList("forward_to", sinks, keyRange)], keyRange);
  }
}

function convertJournal({ value, keyRange }: YamlEntry, { label, sinks, rules, settings, draft }: Job): void {
  const fields = entriesOf(value).map((field) => (field.key === "json" ? { ...field, key: "format_as_json" } : field));
  const { positions } = settings;
  const position = positions && map([{ ...positions, key: "file" }, entry("name", literal(label, keyRange))], keyRange);
  const legacy = position === undefined ? [] : [entry("legacy_position", position)];
  const id = draft.id("loki.source.journal", label);
  draft.add(id, [...fields, ...rules, ...legacy, idList("forward_to", sinks, keyRange)], keyRange);
}

const ofListeners: Readonly<Record<string, string>> = { listen_address: "address", listen_protocol: "protocol" };

function convertSyslog({ value, keyRange }: YamlEntry, { label, sinks, rules, draft }: Job): void {
  const fields = entriesOf(value).map((field) => ({ ...field, key: ofListeners[field.key] ?? field.key }));
  const listeners = entry("listeners", list([map(fields, value.range)], value.range), keyRange);
  const id = draft.id("loki.source.syslog", label);
  draft.add(id, [listeners, ...rules, idList("forward_to", sinks, keyRange)], keyRange);
}

function convertPushApi({ value, keyRange }: YamlEntry, { label, sinks, rules, draft }: Job): void {
  const server = child(value, "server");
  const host = textOf(child(server, "http_listen_address")) ?? "";
  const address = literal(`${host}:${textOf(child(server, "http_listen_port")) ?? 80}`, keyRange);
  for (const { key, keyRange: at } of entriesOf(server).filter(({ key }) => !key.startsWith("http_listen_"))) {
    draft.find(key.startsWith("grpc") ? "note" : "error", `server.${key}: only HTTP is served, at listen_address`, at);
  }
  const fields = entriesOf(value).filter(({ key }) => key !== "server");
  const id = draft.id("loki.source.api", label);
  const wired = [entry("listen_address", address), ...fields, ...rules, idList("forward_to", sinks, keyRange)];
  draft.add(id, wired, keyRange);
}
