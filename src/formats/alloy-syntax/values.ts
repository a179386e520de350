/** A value of Alloy's language. */
export type AlloyValue =
  | null
  | boolean
  | number
  | string
  | readonly AlloyValue[]
  | { readonly [name: string]: AlloyValue }
  | AlloyFunction
  | Later;

/** Throws an Error with what is wrong with the arguments. */
export type AlloyFunction = (...args: readonly AlloyValue[]) => AlloyValue;

/**
 * A value that is not known while a config is read: an environment variable, or what a component exports. Text around
 * it makes a longer one. What the parts mean is the business of those who made them.
 */
export class Later {
  readonly parts: readonly (string | object)[];

  constructor(parts: readonly (string | object)[]) {
    this.parts = parts;
  }

  static of(part: object): Later {
    return new Later([part]);
  }

  /** The only part, where it is no text. */
  get only(): object | undefined {
    const [part] = this.parts;
    return this.parts.length === 1 && typeof part === "object" ? part : undefined;
  }
}

export type AlloyObject = { readonly [name: string]: AlloyValue };

export function isObject(value: AlloyValue | undefined): value is AlloyObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Later);
}

export function isArray(value: AlloyValue | undefined): value is readonly AlloyValue[] {
  return Array.isArray(value);
}

/** The type as Alloy names it. */
export function typeName(value: AlloyValue | undefined): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Later) return "a value known at run time";
  if (isArray(value)) return "list";
  return { boolean: "bool", object: "object" }[typeof value as string] ?? typeof value;
}

/** The same text, joined; one that holds nothing of later is a string. */
export function joinTexts(values: readonly (string | Later)[]): string | Later {
  if (values.every((value) => typeof value === "string")) return values.join("");
  return new Later(
    values.flatMap((value) => (typeof value === "string" ? [value] : value.parts)).filter((part) => part !== ""),
  );
}

export function equalValues(a: AlloyValue | undefined, b: AlloyValue | undefined): boolean {
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, at) => equalValues(item, b[at]));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && equalValues(a[name], b[name]));
  }
  return a === b;
}
