import { define, type GoFunctions } from "../function.ts";
import {
  deepEqual,
  isDict,
  isList,
  isMoment,
  isTrue,
  kindName,
  sortedEntries,
  typeName,
  type Value,
} from "../values.ts";

/** sprig's defaults, conditions, JSON and reflection. */
export const generalFunctions: GoFunctions = {
  default: define("aa*", (otherwise: Value, given: Value) => (isTrue(given) ? given : otherwise)),
  empty: define("a", (value: Value) => !isTrue(value)),
  coalesce: define("a*", (...values: Value[]) => values.find(isTrue)),
  all: define("a*", (...values: Value[]) => values.every(isTrue)),
  any: define("a*", (...values: Value[]) => values.some(isTrue)),
  ternary: define("aab", (yes: Value, no: Value, condition: boolean) => (condition ? yes : no)),
  fail: define("s", (message: string) => {
    throw new Error(message);
  }),

  fromJson: define("s", (text: string) => parseJson(text, false)),
  mustFromJson: define("s", (text: string) => parseJson(text, true)),
  toJson: define("a", (value: Value) => escapeForHtml(JSON.stringify(jsonOf(value)))),
  mustToJson: define("a", (value: Value) => escapeForHtml(JSON.stringify(jsonOf(value)))),
  toPrettyJson: define("a", (value: Value) => escapeForHtml(JSON.stringify(jsonOf(value), null, 2))),
  toRawJson: define("a", (value: Value) => JSON.stringify(jsonOf(value))),
  mustToRawJson: define("a", (value: Value) => JSON.stringify(jsonOf(value))),

  typeOf: define("a", typeName),
  typeIs: define("sa", (name: string, value: Value) => typeName(value) === name),
  typeIsLike: define("sa", (name: string, value: Value) => typeName(value) === name),
  kindOf: define("a", kindName),
  kindIs: define("sa", (name: string, value: Value) => kindName(value) === name),
  deepEqual: define("aa", deepEqual),
};

function parseJson(text: string, must: boolean): Value {
  try {
    return fromJsonValue(JSON.parse(text));
  } catch (error) {
    if (must) throw error;
    return undefined;
  }
}

function fromJsonValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJsonValue);
  if (typeof json === "object" && json !== null) {
    return new Map(Object.entries(json).map(([key, value]) => [key, fromJsonValue(value)]));
  }
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" ? json : undefined;
}

/** Integers of 64 bits are written with all of their digits. */
function jsonOf(value: Value): unknown {
  if (isList(value)) return value.map(jsonOf);
  if (isDict(value)) return Object.fromEntries(sortedEntries(value).map(([key, element]) => [key, jsonOf(element)]));
  if (isMoment(value)) return new Date(Number(value.nanoseconds / 1_000_000n)).toISOString();
  return typeof value === "bigint" ? Number(value) : (value ?? null);
}

/** As Go writes JSON unless it is told otherwise. */
function escapeForHtml(text: string): string {
  return text.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
