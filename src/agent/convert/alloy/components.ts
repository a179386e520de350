import { AlloyError, type Attribute } from "../../../formats/alloy-syntax/syntax.ts";
import type { YamlEntry } from "../../../lib/yaml.ts";
import { pathFields } from "../log-files.ts";
import { writeLoki } from "../loki-write.ts";
import { withNativeHistograms } from "../native-histograms.ts";
import { child, entry, idList, itemsOf, list, literal, textOf } from "../nodes.ts";
import { convertRemoteWrite } from "../prometheus/remote-write.ts";
import { defaultsBeside, fieldsOf, type Writing } from "./body.ts";
import { mappings } from "./mappings.ts";
import { attributeOf, type Instance } from "./module.ts";
import { nodeOf } from "./references.ts";
import { receiversOf, sourcesOf, staticConfigs } from "./wiring.ts";

/** Writes a component of Alloy's own, and those that it cannot do without. */
export function writeComponent(instance: Instance): void {
  if (instance.isWritten) return;
  instance.isWritten = true;
  if (instance.type === "prometheus.remote_write") writeRemoteWrite(instance);
  else if (instance.type === "loki.write") writeLokiWrite(instance);
  else writePlain(instance);
}

/** Those that may become several, and have their ids only then. */
export function hasEndpoints(type: string): boolean {
  return type === "prometheus.remote_write" || type === "loki.write";
}

/** Sonde's ids of a component that is referred to. What has no equal has none. */
function idsOf(instance: Instance): readonly string[] {
  if (hasEndpoints(instance.type)) writeComponent(instance);
  return instance.ids;
}

/** Whose mistakes are found, and where what it names is looked for. */
type Finder = Pick<Writing, "module" | "id">;

/** Attributes that name where targets come from. */
const targetNames: readonly string[] = ["targets", "path_targets", "join"];

function writePlain(instance: Instance): void {
  const { type, block, module } = instance;
  const [id = ""] = instance.ids;
  const writing: Writing = { module, mapping: mappings[type] ?? {}, id };
  const { body, range } = block;
  // Somebody else uses its rules; nothing flows through it.
  if (type.endsWith(".relabel") && sendsNowhere(instance)) return;
  const handled = [...targetNames, "forward_to", "http"];
  const fields = fieldsOf(body, writing, handled);
  const wired = [
    ...targetFields(
      targetNames.map((name) => attributeOf(body, name)).find((each) => each !== undefined),
      instance,
    ),
    ...listenField(instance, writing),
    ...fields,
    ...defaultsBeside(fields, writing, block),
    ...receiversField("forward_to", attributeOf(body, "forward_to"), { module, id }),
  ];
  module.draft.add(id, withNativeHistograms(wired, id, module.draft), range);
}

/** Its endpoints have settings that Sonde has for all endpoints of a component: it may become several. */
function writeRemoteWrite(instance: Instance): void {
  const { block, module, label } = instance;
  const { draft } = module;
  const id = `prometheus.remote_write.${module.prefix}${label}`;
  const fields = fieldsOf(block.body, { module, mapping: mappings["prometheus.remote_write"] ?? {}, id });
  const labels = fields.find(({ key }) => key === "external_labels");
  const endpoints = itemsOf(fields.find(({ key }) => key === "endpoints")?.value).map((endpoint) =>
    // Alloy sends exemplars unless it is told not to.
    endpoint.kind !== "map" || child(endpoint, "send_exemplars") !== undefined
      ? endpoint
      : { ...endpoint, entries: [...endpoint.entries, entry("send_exemplars", literal(true, endpoint.range))] },
  );
  if (endpoints.length === 0) draft.find("error", "a remote_write without an endpoint sends nowhere", block.range, id);
  instance.ids = convertRemoteWrite(endpoints, labels, draft, `${module.prefix}${label}`);
}

function writeLokiWrite(instance: Instance): void {
  const { block, module, label } = instance;
  const id = `loki.write.${module.prefix}${label}`;
  const fields = fieldsOf(block.body, { module, mapping: mappings["loki.write"] ?? {}, id });
  const externalLabels = fields.find(({ key }) => key === "external_labels");
  const endpoints = itemsOf(fields.find(({ key }) => key === "endpoints")?.value);
  const more = fields.filter(({ key }) => key !== "external_labels" && key !== "endpoints");
  if (endpoints.length === 0)
    module.draft.find("error", "a loki.write without an endpoint sends nowhere", block.range, id);
  const all = endpoints.map((endpoint) => ({ endpoint, externalLabels }));
  instance.ids = writeLoki(all, more, module.draft, `${module.prefix}${label}`);
}

function targetFields(attribute: Attribute | undefined, instance: Instance): YamlEntry[] {
  if (attribute === undefined) return [];
  const { module, type, label, block } = instance;
  const { draft } = module;
  const finder = { module, id: instance.ids[0] ?? "" };
  return attempt(finder, () => {
    const { instances, literals } = sourcesOf(attribute, module);
    const ids = referred(instances, attribute, finder);
    const range = attribute.nameRange;
    const targets = () => (ids.length > 0 ? [idList("targets", ids, range)] : []);
    if (literals.length === 0) return targets();
    if (type !== "loki.source.file" && type !== "local.file_match") {
      return [...targets(), entry("static_configs", staticConfigs(literals, range), range)];
    }
    const sets = literals.map((each) => nodeOf(each, range));
    const paths = type === "loki.source.file" ? pathFields(sets, range) : [entry("path_targets", list(sets, range))];
    if (paths !== undefined) return [...targets(), ...paths];
    const match = draft.id("local.file_match", `${module.prefix}${label}`);
    draft.add(match, [entry("path_targets", list(sets, range))], block.range);
    ids.push(match);
    return targets();
  });
}

function sendsNowhere({ block, module }: Instance): boolean {
  const forward = attributeOf(block.body, "forward_to");
  return forward?.value.kind === "array" && receiversOf(forward, module).length === 0;
}

/** Where a component, or the agent's own log, sends to. */
export function receiversField(
  key: "forward_to" | "write_to",
  attribute: Attribute | undefined,
  finder: Finder,
): YamlEntry[] {
  if (attribute === undefined) return [];
  return attempt(finder, () => {
    const ids = referred(receiversOf(attribute, finder.module), attribute, finder);
    if (ids.length === 0 && key === "write_to") return [];
    if (ids.length === 0) {
      const message = `${key}: it sends nowhere; name a receiver`;
      finder.module.draft.find("error", message, attribute.nameRange, finder.id);
    }
    return [idList(key, ids, attribute.nameRange)];
  });
}

function referred(instances: readonly Instance[], { value }: Attribute, { module, id }: Finder): string[] {
  return instances.flatMap((other) => {
    const ids = idsOf(other);
    if (ids.length === 0) {
      const message = `${other.type}.${other.label} has no equal, and is left out here`;
      module.draft.find("error", message, value.range, id);
    }
    return ids;
  });
}

/** `http { listen_address = "127.0.0.1" listen_port = 80 }` */
function listenField({ block, ids }: Instance, { module, mapping }: Writing): YamlEntry[] {
  const http = block.body.find((each) => each.kind === "block" && each.name === "http");
  if (http?.kind !== "block") return [];
  const fields = fieldsOf(http.body, { module, mapping, id: ids[0] ?? "" });
  for (const { key, keyRange } of fields.filter(({ key }) => !key.startsWith("listen_"))) {
    module.draft.find(key === "tls" ? "error" : "note", `http.${key}: say it in web_config_file`, keyRange, ids[0]);
  }
  const of = (name: string) => textOf(fields.find(({ key }) => key === name)?.value);
  const address = `${of("listen_address") ?? ""}:${of("listen_port") ?? 8080}`;
  return [entry("listen_address", literal(address, http.range), http.range)];
}

function attempt({ module, id }: Finder, work: () => YamlEntry[]): YamlEntry[] {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AlloyError)) throw error;
    module.draft.find("error", error.message, error.range, id);
    return [];
  }
}
