import { isDict, isList, typeName, type Value } from "./values.ts";

/** A function of templates. */
export interface GoFunction {
  /**
   * A letter for the type of each parameter: s string, i int, f float64, b bool, l list, d dict, a any. A `*` behind the
   * last one takes any number of it, a `?` one or none.
   */
  readonly parameters: string;
  readonly call: (...values: never) => Value;
}

export type GoFunctions = Readonly<Record<string, GoFunction>>;

export function define<Parameters extends unknown[]>(
  parameters: string,
  call: (...values: Parameters) => Value,
): GoFunction {
  return { parameters, call };
}

/** Throws an Error if the values do not fit the parameters, or the function fails. */
export function callFunction(name: string, { parameters, call }: GoFunction, values: readonly Value[]): Value {
  const letters = parameters.replace(/[*?]$/, "");
  const least = letters.length - (letters === parameters ? 0 : 1);
  if (values.length < least || (values.length > letters.length && !parameters.endsWith("*"))) {
    throw new Error(`${name} takes ${countName(parameters, least, letters.length)}, not ${values.length}`);
  }
  return call(...(values.map((value, at) => converted(name, letters[at] ?? letters.at(-1), value, at)) as never));
}

function countName(parameters: string, least: number, most: number): string {
  const [count, last] = parameters.endsWith("*") ? [`at least ${least}`, least] : [rangeName(least, most), most];
  return `${count} argument${last === 1 ? "" : "s"}`;
}

function rangeName(least: number, most: number): string {
  return least === most ? String(least) : `${least} or ${most}`;
}

/** Numbers without a fraction are integers and floats alike, as constants are in Go. */
function converted(name: string, letter: string | undefined, value: Value, at: number): Value {
  if (letter === "a") return value;
  if (letter === "i" && typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  if (letter === "f" && typeof value === "bigint") return Number(value);
  const [type, isOf] = types[letter ?? ""] ?? ["", () => false];
  if (isOf(value)) return value;
  throw new Error(
    `argument ${at + 1} of ${name} must be ${type}, not ${value === undefined ? "nil" : typeName(value)}`,
  );
}

const types: Readonly<Record<string, readonly [type: string, isOf: (value: Value) => boolean]>> = {
  s: ["a string", (value) => typeof value === "string"],
  i: ["an int", (value) => typeof value === "bigint"],
  f: ["a float64", (value) => typeof value === "number"],
  b: ["a bool", (value) => typeof value === "boolean"],
  l: ["a list", isList],
  d: ["a dict", isDict],
};
