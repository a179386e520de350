import type { YamlEntry, YamlNode, YamlRange } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { writeLoki } from "../loki-write.ts";
import { entriesOf, literal, map, textOf } from "../nodes.ts";

const renamed: Readonly<Record<string, string>> = {
  batchwait: "batch_wait",
  batchsize: "batch_size",
  timeout: "remote_timeout",
};

const backoff: Readonly<Record<string, string>> = {
  min_period: "min_backoff_period",
  max_period: "max_backoff_period",
};

/** `clients`, as one loki.write for all that have the same external labels and batches. Returns the ids. */
export function convertClients(clients: readonly YamlNode[], at: YamlRange, draft: Draft): string[] {
  if (clients.length === 0) draft.find("error", "there are no clients; say where the logs are to be sent", at);
  const endpoints = clients.map((client) => ({
    endpoint: endpointOf(client, draft),
    externalLabels: entriesOf(client).find(({ key }) => key === "external_labels"),
  }));
  return writeLoki(endpoints, [], draft, "default");
}

function endpointOf(client: YamlNode, draft: Draft): YamlNode {
  const fields = entriesOf(client).flatMap((field): YamlEntry[] => {
    const { key, value } = field;
    if (key === "external_labels") return [];
    if (key === "backoff_config") return entriesOf(value).flatMap((each) => backoffField(each, draft));
    if (key === "batchsize") return [{ ...field, key: "batch_size", value: bytes(value) }];
    return [{ ...field, key: renamed[key] ?? key }];
  });
  return map(fields, client.range);
}

function backoffField(field: YamlEntry, draft: Draft): YamlEntry[] {
  const key = backoff[field.key];
  if (key !== undefined) return [{ ...field, key }];
  draft.find("note", `${field.key}: what is not delivered waits in the queue, within its bounds`, field.keyRange);
  return [];
}

/** A bare number is bytes. */
function bytes(value: YamlNode): YamlNode {
  const text = textOf(value) ?? "";
  return /^[0-9]+$/.test(text) ? literal(`${text}B`, value.range) : value;
}
