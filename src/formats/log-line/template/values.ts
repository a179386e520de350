import type { TimeZone } from "../time-zone.ts";

/** What a template computes with: int is bigint, float64 is number, nil and "no value" are undefined. */
export type Value =
  | undefined
  | boolean
  | bigint
  | number
  | string
  | Moment
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** Go's time.Time. */
export interface Moment {
  /** Since the epoch. */
  readonly nanoseconds: bigint;
  readonly zone: TimeZone;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDict(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isMoment(value: Value): value is Moment {
  return typeof value === "object" && !isList(value) && !isDict(value);
}

/** What `if` and `and` take for true: all but nil, false, 0, "" and what has no elements. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isDict(value)) return value.size > 0;
  return Boolean(value);
}

/** As `%T` names it. */
export function typeName(value: Value): string {
  if (isList(value)) return "[]interface {}";
  if (isDict(value)) return "map[string]interface {}";
  if (isMoment(value)) return "time.Time";
  return plainTypes[typeof value] ?? "<nil>";
}

const plainTypes: Readonly<Record<string, string>> = {
  boolean: "bool",
  bigint: "int",
  number: "float64",
  string: "string",
};

export function kindName(value: Value): string {
  if (isList(value)) return "slice";
  if (isDict(value)) return "map";
  if (isMoment(value)) return "struct";
  return plainTypes[typeof value] ?? "invalid";
}

/** Go's order of maps when they are printed and ranged over. */
export function sortedEntries(dict: ReadonlyMap<string, Value>): Array<[string, Value]> {
  return [...dict].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Go's strings are bytes: what is cut within a character becomes U+FFFD. */
export function byteSlice(text: string, start: number, end?: number): string {
  return /^[\0-\x7f]*$/.test(text) ? text.slice(start, end) : Buffer.from(text).subarray(start, end).toString();
}

export function deepEqual(a: Value, b: Value): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((element, at) => deepEqual(element, b[at]));
  if (isDict(a) && isDict(b)) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && deepEqual(value, b.get(key)));
  }
  if (isMoment(a) && isMoment(b)) return a.nanoseconds === b.nanoseconds;
  return a === b;
}
