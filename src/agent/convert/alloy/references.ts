import { AlloyError, type SourceRange } from "../../../formats/alloy-syntax/syntax.ts";
import { type AlloyValue, isArray, isObject, Later } from "../../../formats/alloy-syntax/values.ts";
import type { YamlNode } from "../../../lib/yaml.ts";
import { entry, list, literal, map, scalar } from "../nodes.ts";
import type { Instance } from "./module.ts";

/** What a value that is known only at run time stands for. */
export type Reference = EnvironmentReference | FileReference | ComponentReference;

export interface EnvironmentReference {
  readonly env: string;
  /** Stands where the variable is unset or empty. */
  readonly fallback: string;
}

export interface FileReference {
  readonly file: string;
}

/** What a component exports: its receiver, its targets. */
export interface ComponentReference {
  readonly instance: Instance;
  readonly export: string;
}

export function componentOf(value: AlloyValue): ComponentReference | undefined {
  const only = value instanceof Later ? (value.only as Reference | undefined) : undefined;
  return only !== undefined && "instance" in only ? only : undefined;
}

/** `coalesce(sys.env("A"), "b")` is the variable with a default; undefined for what cannot be said so. */
export function withFallback(value: Later, fallback: AlloyValue): AlloyValue | undefined {
  const only = value.only as Reference | undefined;
  if (only === undefined || !("env" in only) || only.fallback !== "") return undefined;
  return typeof fallback === "string" && !fallback.includes("}") ? Later.of({ ...only, fallback }) : undefined;
}

/** A value as a tree; references to the world outside become Sonde's. Throws an AlloyError at one to a component. */
export function nodeOf(value: AlloyValue, range: SourceRange): YamlNode {
  if (value instanceof Later) return scalar(value.parts.map((part) => textOf(part, range)).join(""), range);
  if (isArray(value)) {
    return list(
      value.map((item) => nodeOf(item, range)),
      range,
    );
  }
  if (isObject(value)) {
    return map(
      Object.entries(value).map(([key, each]) => entry(key, nodeOf(each, range))),
      range,
    );
  }
  if (typeof value === "function") throw new AlloyError("a function is no value of a setting", range);
  return value === null
    ? { kind: "scalar", value: null, text: "", plain: true, raw: "", range }
    : literal(value, range);
}

function textOf(part: string | object, range: SourceRange): string {
  if (typeof part === "string") return literal(part, range).text;
  const reference = part as Reference;
  if ("env" in reference) return `\${env:${reference.env}:-${reference.fallback}}`;
  if ("file" in reference) return `\${file:${reference.file}}`;
  const { type, label } = reference.instance;
  throw new AlloyError(`what ${type}.${label} exports is known only at run time`, range);
}
