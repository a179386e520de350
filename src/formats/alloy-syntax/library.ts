import { posix } from "node:path";
import { refuseLater, takes } from "./library/arguments.ts";
import { arrays } from "./library/arrays.ts";
import { encodings } from "./library/encodings.ts";
import { jsonPath } from "./library/json-path.ts";
import { strings } from "./library/strings.ts";
import { type AlloyObject, type AlloyValue, isArray, isObject, Later } from "./values.ts";

/** What the library asks of the one who evaluates. */
export interface LibrarySurroundings {
  /** The value of an environment variable, which may be one of later. */
  env(name: string): AlloyValue;
  /** Of what is known only at run time, with a text in its place where it is empty; undefined where that cannot be said. */
  orElse(value: Later, fallback: AlloyValue): AlloyValue | undefined;
  readonly constants: AlloyObject;
}

/** Alloy's standard library, by its names; the old names without a namespace work too. */
export function standardLibrary({ env, orElse, constants }: LibrarySurroundings): AlloyObject {
  const environment = takes(["string"], env);
  const parseJsonPath = takes(["any", "string"], (json, path) =>
    jsonPath(typeof json === "string" ? (JSON.parse(json) as AlloyValue) : json, path),
  );
  const pathJoin = takesTexts((...parts) => posix.join(...parts));
  const { from_json, from_yaml, from_base64 } = encodings;
  return {
    sys: { env: environment },
    array: arrays,
    string: strings,
    encoding: encodings,
    convert: { nonsensitive },
    file: { path_join: pathJoin },
    constants,
    coalesce: (...values) => coalesce(values, orElse),
    json_path: parseJsonPath,
    env: environment,
    nonsensitive,
    concat: arrays.concat ?? null,
    json_decode: from_json ?? null,
    yaml_decode: from_yaml ?? null,
    base64_decode: from_base64 ?? null,
    path_join: pathJoin,
    ...Object.fromEntries(
      [
        "format",
        "join",
        "replace",
        "split",
        "to_lower",
        "to_upper",
        "trim",
        "trim_prefix",
        "trim_suffix",
        "trim_space",
      ].map((name) => [name, strings[name] ?? null]),
    ),
  };
}

/** A secret is a text like any other here. */
function nonsensitive(...[value = null]: readonly AlloyValue[]): AlloyValue {
  return value;
}

/** The first value that is not empty. */
function coalesce(values: readonly AlloyValue[], orElse: LibrarySurroundings["orElse"]): AlloyValue {
  const [first = null, ...others] = values;
  if (others.length === 0) return first;
  if (first instanceof Later) {
    const found = orElse(first, coalesce(others, orElse));
    if (found === undefined) throw new Error("whether it is empty is known only at run time");
    return found;
  }
  return isEmpty(first) ? coalesce(others, orElse) : first;
}

function isEmpty(value: AlloyValue): boolean {
  if (isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === "" || value === 0 || value === false;
}

function takesTexts(work: (...texts: string[]) => string) {
  return (...args: readonly AlloyValue[]): AlloyValue => {
    for (const arg of args) refuseLater(arg);
    return work(...args.map(String));
  };
}
