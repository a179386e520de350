import { resolve } from "node:path";
import { z } from "zod";
import { checkSchema } from "../../config/check-schema.ts";
import { type Diagnostic, mistake } from "../../config/diagnostic.ts";
import type { Environment } from "../../config/interpolate.ts";
import { type ConfigFile, parseConfigFile, placeOf } from "../../config/parse.ts";
import { Values } from "../../config/values.ts";
import { compileGoTime } from "../../formats/log-line/go-time.ts";
import { describeError } from "../../lib/errors.ts";
import type { YamlMap } from "../../lib/yaml.ts";
import type { Found } from "../component-rules.ts";

const parseTime = compileGoTime("RFC3339Nano");

/** `2026-01-01T00:00:00Z`; nanoseconds since the epoch after parsing. */
const time = z.string().transform((text, context) => {
  const parsed = parseTime(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: `"${text}" is not a time; write 2026-01-01T00:00:00Z` });
  return z.NEVER;
});

const labelRecord = z.record(z.string(), z.string());

const entry = z.strictObject({
  line: z.string().optional(),
  labels: labelRecord.optional(),
  metadata: labelRecord.optional(),
  time: time.optional(),
});

/** A text is an entry of which only the line matters. */
const entryOrLine = z.union([z.string().transform((line): z.output<typeof entry> => ({ line })), entry]);

const oneTest = z.strictObject({
  name: z.string().min(1),
  labels: labelRecord.default({}),
  now: time.prefault("2026-01-01T00:00:00Z"),
  input: z.array(entryOrLine),
  expect: z.array(entryOrLine),
});

const schema = z.strictObject({
  component: z.string().min(1),
  tests: z.array(oneTest).min(1),
});

export type TestEntry = z.output<typeof entry>;
export type ConfigTest = z.output<typeof oneTest>;

export interface TestFile {
  readonly component: string;
  readonly tests: readonly ConfigTest[];
  /** Where the config is: another file, or this one. */
  readonly configPath: string;
  /** Sees the config that stands in the file. */
  readonly environment: Environment;
}

/** Reads a file of tests. What it says of the config is looked at by whoever loads that. */
export function readTestFile(path: string, environment: Environment): Found<{ readonly file: TestFile }> {
  let text: string;
  try {
    text = environment.readFile(path);
  } catch (error) {
    return { ok: false, diagnostics: [mistake(`cannot read ${path}: ${describeError(error)}`)] };
  }
  const { file, diagnostics } = parseConfigFile(path, text);
  if (file === undefined || diagnostics.length > 0) return { ok: false, diagnostics };
  const config = file.root.entries.find(({ key }) => key === "config");
  const rest: YamlMap = { ...file.root, entries: file.root.entries.filter((other) => other !== config) };
  const checked = checkSchema({ schema, root: rest, keyRange: rest.range, file, values: asWritten(file, environment) });
  const located = locateConfig(file, environment);
  const mistakes = [...checked.diagnostics, ...(located.ok ? [] : located.diagnostics)];
  if (!located.ok || mistakes.length > 0) return { ok: false, diagnostics: mistakes };
  return { ok: true, file: { ...(checked.value as z.output<typeof schema>), ...located } };
}

/** Nothing is replaced in a test: a line may well hold `${…}`. */
function asWritten(file: ConfigFile, environment: Environment): Values {
  return new Values({ ...file.root, entries: [] }, file, environment);
}

function locateConfig(file: ConfigFile, environment: Environment): Found<Pick<TestFile, "configPath" | "environment">> {
  const refuse = (diagnostic: Diagnostic) => ({ ok: false, diagnostics: [diagnostic] }) as const;
  const config = file.root.entries.find(({ key }) => key === "config");
  if (config === undefined) {
    return refuse(mistake("missing required field `config`", undefined, "name a file, or write the config below it"));
  }
  const { value, keyRange } = config;
  if (value.kind === "scalar" && value.text !== "") {
    return { ok: true, configPath: resolve(file.dir, value.text), environment };
  }
  if (value.kind !== "map")
    return refuse(mistake("`config`: expected a file name or a config", placeOf(file, keyRange)));
  const inside = onlyConfig(file, value);
  const readFile = (path: string) => (path === file.path ? inside : environment.readFile(path));
  return { ok: true, configPath: file.path, environment: { ...environment, readFile } };
}

/** The text of the file with nothing but the config in it, and that where it stands: so mistakes have their places. */
function onlyConfig({ lines, root }: ConfigFile, { range }: YamlMap): string {
  const starts = root.entries.map(({ keyRange }) => keyRange.line).filter((line) => line > range.line);
  const end = Math.min(lines.length + 1, ...starts);
  return lines
    .map((text, at) => {
      const line = at + 1;
      if (line < range.line || line >= end) return "";
      return line === range.line ? " ".repeat(range.column - 1) + text.slice(range.column - 1) : text;
    })
    .join("\n");
}
