import type { Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { entry, map } from "../nodes.ts";
import { fieldsOf } from "./body.ts";
import { settingsLeft } from "./mappings.ts";
import { blocksOf, type Module } from "./module.ts";

/** The blocks at the top that are no components: `logging` and those that have no equal. */
export function writeSettings(body: readonly Statement[], module: Module): void {
  const { draft } = module;
  for (const { name, body: inside, range } of blocksOf(body)) {
    const [severity, why] = settingsLeft[name] ?? [];
    if (severity !== undefined && !name.startsWith("import.")) draft.find(severity, `${name}: ${why}`, range);
    if (name === "http" && inside.length > 0)
      draft.find("error", "http: the agent's own page has neither TLS nor users; it is for this machine", range);
    if (name !== "logging") continue;
    const fields = fieldsOf(inside, { module, mapping: { left: { write_to, destination } }, id: name });
    if (fields.length > 0)
      draft.set(
        "logging",
        map(
          fields.map((field) => entry(field.key, field.value)),
          range,
        ),
      );
  }
}

const write_to = ["error", "the agent's own log goes to standard error, and from there to the journal"] as const;
const destination = ["note", "the log goes to standard error"] as const;
