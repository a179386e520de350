import { z } from "zod";
import { parseGoDuration } from "../lib/go-duration.ts";
import type { Flag, GivenFlag } from "../lib/kingpin.ts";
import { unwrapSchema } from "./schema-walk.ts";

/**
 * How a field is spelled as a flag: `.meta({ flag: { … } })` on the field. A block's fields are flags by themselves,
 * `--collector.<block>.<field>` with dashes for underscores; what upstream spells in another way says so here.
 */
export interface FlagSpelling {
  /** The whole name; on a block, what the names of its fields begin with. */
  readonly name?: string;
  /** Works, but is not shown by `--help`. */
  readonly isHidden?: boolean;
  /** Older names, all hidden. */
  readonly formerly?: readonly string[];
  /** A list is one value, split at this; without it the flag is repeated. */
  readonly separator?: string;
}

/** A flag that sets a field of a config. */
export interface SchemaFlag extends Flag {
  /** Where the field is. */
  readonly path: readonly string[];
  /** The flag as it is called today, where this is an older name. */
  readonly insteadOf?: string;
  /** From the text of the flag to what a user would write in YAML. Throws an Error in upstream's words. */
  toConfig(text: string): unknown;
}

/** The flags of a config: those of its blocks, and of the top level's fields those that have a spelling. */
export function flagsOf(config: z.core.$ZodType): SchemaFlag[] {
  return fieldsOf(config).flatMap(([key, field]) => {
    const spelling = spellingOf(field);
    const inner = fieldsOf(field);
    if (inner.length > 0) {
      const prefix = spelling.name ?? `collector.${key}`;
      return inner.flatMap(([name, each]) => flagsOfField(each, [key, name], `${prefix}.${name.replaceAll("_", "-")}`));
    }
    return spelling.name === undefined ? [] : flagsOfField(field, [key], spelling.name);
  });
}

/** The config that flags describe, as a user would write it; what is given last of one that is no list stands. */
export function configOfFlags(given: readonly GivenFlag<SchemaFlag>[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { flag, value } of given) setField(config, flag.path, flag.toConfig(value));
  return config;
}

function setField(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  const before = config[key];
  if (rest.length === 0) {
    config[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    return;
  }
  const block = (before ?? {}) as Record<string, unknown>;
  config[key] = block;
  setField(block, rest, value);
}

function flagsOfField(field: z.core.$ZodType, path: readonly string[], name: string): SchemaFlag[] {
  const spelling = spellingOf(field);
  const full = spelling.name ?? name;
  const inner = unwrapSchema(field);
  const isList = isListOf(inner);
  const flag: SchemaFlag = {
    name: full,
    path,
    isSwitch: inner instanceof z.ZodBoolean,
    isRepeatable: isList && spelling.separator === undefined,
    isHidden: spelling.isHidden === true,
    help: z.globalRegistry.get(field)?.description ?? "",
    default: defaultText(field, inner, spelling),
    toConfig: (text) => toConfig(text, inner, metaFormat(field), spelling),
  };
  const former = (spelling.formerly ?? []).map((old) => ({ ...flag, name: old, isHidden: true, insteadOf: full }));
  return [flag, ...former];
}

function toConfig(text: string, schema: z.core.$ZodType, format: unknown, { separator }: FlagSpelling): unknown {
  if (schema instanceof z.ZodBoolean) return text === "true";
  if (isListOf(schema)) return separator === undefined ? [text] : text.split(separator);
  if (schema instanceof z.ZodNumber) return toNumber(text);
  if (format !== "duration") return text;
  const ms = parseGoDuration(text);
  if (ms === undefined) throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  return `${Math.round(ms)}ms`;
}

/** Also what may be one value or a list of them. */
function isListOf(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodArray || (schema instanceof z.ZodUnion && schema.options.some(isListOf));
}

/** Kingpin reads whole numbers as Go's floats, and drops what is behind the point. */
export function toNumber(text: string): number {
  if (!/^[+-]?[0-9]+(\.[0-9]*)?$/.test(text)) {
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Math.trunc(Number(text));
}

function defaultText(field: z.core.$ZodType, inner: z.core.$ZodType, { separator }: FlagSpelling): string | undefined {
  const value = defaultOf(field);
  if (value === undefined || inner instanceof z.ZodBoolean) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : JSON.stringify(value.join(separator ?? ","));
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function fieldsOf(schema: z.core.$ZodType): [name: string, field: z.core.$ZodType][] {
  const inner = unwrapSchema(schema);
  return inner instanceof z.ZodObject ? Object.entries(inner.shape as Record<string, z.core.$ZodType>) : [];
}

function spellingOf(schema: z.core.$ZodType): FlagSpelling {
  return (z.globalRegistry.get(schema)?.flag as FlagSpelling | undefined) ?? {};
}

/** What `.default` or `.prefault` says. */
function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = schema._zod as { def: { defaultValue?: unknown; innerType?: z.core.$ZodType } };
  return def.defaultValue ?? (def.innerType === undefined ? undefined : defaultOf(def.innerType));
}

/** The format says how a text is read; it is on the innermost schema that has one. */
function metaFormat(schema: z.core.$ZodType): unknown {
  const own = z.globalRegistry.get(schema)?.format;
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  const inner = def.innerType ?? def.in;
  return own ?? (inner === undefined ? undefined : metaFormat(inner));
}
