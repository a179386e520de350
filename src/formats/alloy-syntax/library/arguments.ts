import {
  type AlloyFunction,
  type AlloyObject,
  type AlloyValue,
  isArray,
  isObject,
  Later,
  typeName,
} from "../values.ts";

/** What a function takes, in the words of its mistakes. */
interface Kinds {
  readonly string: string;
  readonly bool: boolean;
  readonly list: readonly AlloyValue[];
  readonly object: AlloyObject;
  readonly any: AlloyValue;
}

type Kind = keyof Kinds;

const isOfKind: Readonly<Record<Kind, (value: AlloyValue | undefined) => boolean>> = {
  string: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  list: isArray,
  object: isObject,
  any: (value) => value !== undefined,
};

/** A function whose arguments are checked, and all known; numbers count as strings where a string is wanted. */
export function takes<const Wanted extends readonly Kind[]>(
  wanted: Wanted,
  work: (...args: { [At in keyof Wanted]: Kinds[Wanted[At]] }) => AlloyValue,
): AlloyFunction {
  return (...args) => {
    if (args.length !== wanted.length) throw new Error(`${wanted.length} arguments are wanted, found ${args.length}`);
    const taken = args.map((arg, at) => {
      const kind = wanted[at] ?? "any";
      refuseLater(arg);
      const value = kind === "string" && typeof arg === "number" ? String(arg) : arg;
      if (!isOfKind[kind](value)) throw new Error(`${kind} expected, found ${typeName(arg)}`);
      return value;
    });
    return work(...(taken as unknown as { [At in keyof Wanted]: Kinds[Wanted[At]] }));
  };
}

export function refuseLater(value: AlloyValue): void {
  if (value instanceof Later) throw new Error("the value of an argument is known only at run time");
  if (isArray(value)) for (const item of value) refuseLater(item);
  else if (isObject(value)) for (const item of Object.values(value)) refuseLater(item);
}
