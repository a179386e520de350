import type { Block, Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { map } from "../nodes.ts";
import { fieldsOf } from "./body.ts";
import { receiversField } from "./components.ts";
import { settingsLeft } from "./mappings.ts";
import { attributeOf, blocksOf, type Module } from "./module.ts";

/** The blocks at the top that are no components: `logging` and those that have no equal. */
export function writeSettings(body: readonly Statement[], module: Module): void {
  const { draft } = module;
  for (const block of blocksOf(body)) {
    const { name, body: inside, range } = block;
    const [severity, why] = settingsLeft[name] ?? [];
    if (severity !== undefined && !name.startsWith("import.")) draft.find(severity, `${name}: ${why}`, range);
    if (name === "http" && inside.length > 0)
      draft.find("error", "http: the agent's own page has neither TLS nor users; it is for this machine", range);
    if (name === "logging") writeLogging(block, module);
  }
}

function writeLogging({ body, range }: Block, module: Module): void {
  const id = "logging";
  const fields = [
    ...fieldsOf(body, { module, mapping: { left: { destination } }, id }, ["write_to"]),
    ...receiversField("write_to", attributeOf(body, "write_to"), { module, id }),
  ];
  if (fields.length > 0) module.draft.set(id, map(fields, range));
}

const destination = ["note", "the log goes to standard error"] as const;
