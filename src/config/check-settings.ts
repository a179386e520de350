import { didYouMean } from "../lib/suggest.ts";
import type { YamlEntry } from "../lib/yaml.ts";
import { checkSchema } from "./check-schema.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Environment } from "./interpolate.ts";
import type { Reference } from "./loaded.ts";
import { type ConfigFile, placeOf } from "./parse.ts";
import { type Settings, settingsSchemas } from "./settings.ts";
import { Values } from "./values.ts";
import { references } from "./wiring.ts";

/** The settings that are written, and the defaults of all others. */
export function checkSettings(
  written: readonly { readonly file: ConfigFile; readonly entry: YamlEntry }[],
  environment: Environment,
): {
  readonly value: Settings;
  /** `logging.write_to`; whether these ids exist is looked at when all components are known. */
  readonly writeLogTo: readonly Reference[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const writeLogTo: Reference[] = [];
  const value: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(settingsSchemas)) value[name] = schema.parse({});
  for (const { file, entry } of written) {
    const { key, keyRange, value: root } = entry;
    const schema = settingsSchemas[key as keyof Settings];
    const isEmpty = root.kind === "scalar" && root.value === null;
    if (schema === undefined) diagnostics.push(unknownSetting(entry, file));
    else if (!isEmpty) {
      const values = new Values(root, file, environment);
      const checked = checkSchema({ schema, root, keyRange, file, values });
      diagnostics.push(...values.diagnostics, ...checked.diagnostics);
      value[key] = checked.value;
      if (key === "logging" && root.kind === "map") {
        writeLogTo.push(...references(root.entries.find((field) => field.key === "write_to")?.value, file, values));
      }
    }
  }
  return { value: value as unknown as Settings, writeLogTo, diagnostics };
}

function unknownSetting({ key, keyRange }: YamlEntry, file: ConfigFile): Diagnostic {
  const names = Object.keys(settingsSchemas);
  const component = fromPrometheus[key];
  const hint =
    component === undefined
      ? `a component is written <type>.<label>; settings of the agent are ${names.join(", ")}`
      : `that is prometheus.yml's; here it is a component: ${component}.<label>`;
  return mistake(`unknown setting \`${key}\`${didYouMean(key, names)}`, placeOf(file, keyRange), hint);
}

/** The sections of prometheus.yml that people bring along. */
const fromPrometheus: Readonly<Partial<Record<string, string>>> = {
  scrape_configs: "prometheus.scrape",
  remote_write: "prometheus.remote_write",
};
