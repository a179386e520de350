import type { z } from "zod";
import { type Component, exposedName, type MetricSpec } from "../component.ts";
import { configJsonSchema, fromOutside } from "./json-schema.ts";
import { settingsSummaries } from "./settings.ts";
import { type WiringKey, wiringDescriptions, wiringOf } from "./wiring.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

const generated = "<!-- Generated from the code by `npm run docs`; do not edit. -->\n\n";

/** The reference pages by file name: one per component, the settings, and an index. */
export function referencePages(manifest: readonly Component[]): ReadonlyMap<string, string> {
  const pages = manifest.map((component): [string, string] => [
    `${component.type}.md`,
    generated + componentReference(component),
  ]);
  return new Map([
    ["README.md", generated + indexPage(manifest)],
    ["settings.md", generated + settingsPage()],
    ...pages,
  ]);
}

/** What a component does, its arguments and its self-metrics; Markdown. */
export function componentReference(component: Component): string {
  const parts = [
    `# ${component.type}`,
    component.summary,
    component.description ?? "",
    signalsLine(component),
    "## Example",
    `\`\`\`yaml\n${component.example.trim()}\n\`\`\``,
    "## Arguments",
    argumentTable([...wiringRows(component), ...argumentRows(component)]),
    "## Self-metrics",
    selfMetrics(component),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function indexPage(manifest: readonly Component[]): string {
  const rows = manifest.map(({ type, summary, accepts, emits }) => [
    `[${type}](${type}.md)`,
    accepts ?? "",
    emits ?? "",
    summary,
  ]);
  return `# Components\n\n${table(["type", "accepts", "emits", "what it does"], rows)}\n\n[Settings of the agent itself](settings.md)\n`;
}

function settingsPage(): string {
  const { properties = {} } = configJsonSchema([]);
  const sections = Object.entries(properties).map(([name, schema]) => {
    const summary = settingsSummaries[name as keyof typeof settingsSummaries];
    return `## ${name}\n\n${summary}\n\n${argumentTable(rowsOf(schema as JsonSchema))}`;
  });
  return `# Settings\n\nTop-level keys without a dot: the agent itself.\n\n${sections.join("\n\n")}\n`;
}

function signalsLine({ accepts, emits }: Component): string {
  const takes = accepts === undefined ? "" : `Accepts ${accepts}.`;
  const gives = emits === undefined ? "" : `Emits ${emits}.`;
  return [takes, gives].filter((text) => text !== "").join(" ");
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly description: string;
}

function wiringRows(component: Component): Row[] {
  return Object.entries(wiringOf(component)).map(([key, { required }]) => ({
    name: key,
    type: "list of ids",
    default: required ? "required" : "",
    description: wiringDescriptions[key as WiringKey],
  }));
}

type Definitions = Readonly<Record<string, JsonSchema>>;

/**
 * The arguments of an object, those of nested ones behind theirs with a dotted name. What may hold itself (stages with
 * stages) is followed once: `followed` are the definitions that stand above.
 */
function rowsOf(
  schema: JsonSchema,
  defs: Definitions = {},
  prefix = "",
  followed: ReadonlySet<string> = new Set(),
): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const { field, ref } = resolve(value as JsonSchema, defs);
    const name = `${prefix}${key}`;
    const isRequired = schema.required?.includes(key) === true;
    const row = {
      name,
      type: typeName(field),
      default: isRequired ? "required" : defaultText(field),
      description: field.description ?? "",
    };
    const inner = innerObject(field, defs);
    if (inner === undefined || followed.has(ref) || followed.has(inner.ref)) return [row];
    const above = new Set([...followed, ref, inner.ref].filter((used) => used !== ""));
    return [row, ...rowsOf(inner.schema, defs, `${name}${inner.step}.`, above)];
  });
}

/** The field itself where it is a reference to a definition, with its own description and default. */
function resolve(field: JsonSchema, defs: Definitions): { field: JsonSchema; ref: string } {
  const ref = field.$ref?.replace("#/$defs/", "") ?? "";
  const { $ref: _, ...own } = field;
  return { field: defs[ref] === undefined ? field : { ...defs[ref], ...own }, ref };
}

/** What is nested in a field, and the step of the path to it. */
function innerObject(
  field: JsonSchema,
  defs: Definitions,
): { schema: JsonSchema; step: string; ref: string } | undefined {
  const [candidate, step] =
    field.type === "array"
      ? [field.items, "[]"]
      : typeof field.additionalProperties === "object"
        ? [field.additionalProperties, ".<name>"]
        : [field, ""];
  if (candidate === undefined) return undefined;
  const { field: schema, ref } = resolve(candidate as JsonSchema, defs);
  return schema.properties === undefined ? undefined : { schema, step, ref };
}

function typeName(field: JsonSchema): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (field.format !== undefined) return field.format;
  if (field.type === "array") return `list of ${plural(typeName((field.items ?? {}) as JsonSchema))}`;
  if (field.type === "object") return isMapOfText(field) ? "mapping of text" : "mapping";
  if (field.anyOf !== undefined) return choiceName(field.anyOf.filter(isWritten).map(typeName));
  if (field.type === "string") return "text";
  if (field.$ref !== undefined) return "mapping";
  return field.type === undefined ? "any" : String(field.type);
}

function isMapOfText({ properties, additionalProperties }: JsonSchema): boolean {
  const isObject = typeof additionalProperties === "object" && additionalProperties.properties !== undefined;
  return properties === undefined && !isObject;
}

/** What is text may be written as a number or a switch too: that goes without saying, and so does nothing at all. */
function choiceName(names: readonly string[]): string {
  const distinct = [...new Set(names)].filter((name) => name !== "null");
  return distinct.includes("text") ? "text" : distinct.join(" or ");
}

/** Not the branch for a value from outside, which every number and switch has. */
function isWritten(branch: JsonSchema | boolean): branch is JsonSchema {
  return typeof branch === "object" && branch.pattern !== fromOutside;
}

function plural(type: string): string {
  return type === "text" || type.includes(" ") || type.includes("`") ? type : `${type}s`;
}

function defaultText({ default: value }: JsonSchema): string {
  return value === undefined ? "" : `\`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;
}

function argumentTable(rows: readonly Row[]): string {
  if (rows.length === 0) return "None.";
  return table(
    ["name", "type", "default", "description"],
    rows.map((row) => [`\`${row.name}\``, row.type, row.default, row.description]),
  );
}

function selfMetrics({ type, metrics = {} }: Component): string {
  const free =
    "Batches, records, drops, receive time, restarts and health are counted for every component as `sonde_component_*`.";
  const specs = Object.values(metrics);
  if (specs.length === 0) return free;
  const rows = specs.map((spec) => [`\`${exposedName(type, spec.name)}\``, labelText(spec), spec.help]);
  return `${free} Beyond those:\n\n${table(["name", "type", "what it counts"], rows)}`;
}

function labelText({ kind, labelNames }: MetricSpec): string {
  return labelNames.length === 0 ? kind : `${kind} by ${labelNames.join(", ")}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Rows of what is the component's own: the wiring is not. */
function argumentRows(component: Component): Row[] {
  const { patternProperties = {}, $defs = {} } = configJsonSchema([component]);
  const schema = Object.values(patternProperties)[0] as JsonSchema;
  const wiring = Object.keys(wiringOf(component));
  const own = Object.entries(schema.properties ?? {}).filter(([key]) => !wiring.includes(key));
  return rowsOf({ ...schema, properties: Object.fromEntries(own) }, $defs as Definitions);
}
