import type { Reasons } from "../../../config/foreign-fields.ts";
import type { ConfigFile } from "../../../config/parse.ts";
import type { YamlMap } from "../../../lib/yaml.ts";
import type { Conversion, Surroundings } from "../conversion.ts";
import { Draft, Ids } from "../draft.ts";
import { child, entriesOf, isEmpty, itemsOf } from "../nodes.ts";
import { convertClients } from "./clients.ts";
import { withEnvironment } from "./environment.ts";
import { convertLogJob } from "./job.ts";

/** A promtail.yml as a config of Sonde's. */
export function convertPromtail(file: ConfigFile, { manifest }: Surroundings): Conversion {
  const draft = new Draft(file, { manifest, ids: new Ids() });
  const root = withEnvironment(file.root, draft) as YamlMap;
  for (const { key, keyRange, value } of root.entries) {
    const [severity, why] = topLevel[key] ?? ["error", "there is no equal"];
    if (!known.includes(key) && !isEmpty(value)) draft.find(severity, `${key}: ${why}`, keyRange);
  }
  const client = child(root, "client");
  const clients = [...(client === undefined ? [] : [client]), ...itemsOf(child(root, "clients"))];
  const sinks = convertClients(clients, root.entries[0]?.keyRange ?? root.range, draft);
  const sync = entriesOf(child(root, "target_config")).find(({ key }) => key === "sync_period");
  const positions = entriesOf(child(root, "positions")).find(({ key }) => key === "filename");
  for (const job of itemsOf(child(root, "scrape_configs"))) convertLogJob(job, sinks, { sync, positions }, draft);
  draft.moveToEnd(sinks.length);
  return { files: [draft.converted], diagnostics: [] };
}

const known: readonly string[] = ["client", "clients", "scrape_configs", "target_config", "positions"];

const topLevel: Reasons = {
  server: ["note", "the agent's own page is at http.listen_address"],
  limits_config: ["error", "say a limit in loki.process, with the stage limit"],
  tracing: ["note", "Sonde sends no traces of its own"],
  options: ["error", "there is no equal"],
  wal: ["note", "the queue of loki.write is on disk"],
};
