/**
 * Readers for the JSON of other people's APIs. What is not there, or is of another kind, reads as "", nothing or an
 * empty list: such an API leaves out what is empty.
 */

export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** Numbers and truth values as JSON writes them. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return ["string", "number", "boolean"].includes(typeof found) ? String(found) : "";
}

/** 0 where there is no number. */
export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : 0;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Keys and texts, in the order of the document. */
export function entriesAt(
  value: unknown,
  ...path: readonly string[]
): readonly (readonly [key: string, text: string])[] {
  const found = valueAt(value, ...path);
  if (typeof found !== "object" || found === null || Array.isArray(found)) return [];
  return Object.keys(found).map((key) => [key, textAt(found, key)]);
}
