import { parseGoFloat } from "../../../../lib/go-float.ts";
import { define, type GoFunctions } from "../function.ts";
import { parseInteger } from "../number-literal.ts";
import { plain } from "../print.ts";
import type { Value } from "../values.ts";

/** sprig's, which take what looks like a number for one, and anything else for 0. */
export const numberFunctions: GoFunctions = {
  int: define("a", toInteger),
  int64: define("a", toInteger),
  float64: define("a", toFloat),
  atoi: define("s", (text: string) => (/^[+-]?[0-9]+$/.test(text) ? BigInt(text) : 0n)),
  toDecimal: define("a", (value: Value) => (/^[0-7]+$/.test(plain(value)) ? BigInt(`0o${plain(value)}`) : 0n)),

  add: define("a*", (...values: Value[]) => wrap(values.map(toInteger).reduce((a, b) => a + b, 0n))),
  add1: define("a", (value: Value) => wrap(toInteger(value) + 1n)),
  sub: define("aa", (a: Value, b: Value) => wrap(toInteger(a) - toInteger(b))),
  mul: define("aa*", (...values: Value[]) => wrap(values.map(toInteger).reduce((a, b) => a * b, 1n))),
  div: define("aa", (a: Value, b: Value) => wrap(toInteger(a) / divisor(b))),
  mod: define("aa", (a: Value, b: Value) => toInteger(a) % divisor(b)),
  max: define("aa*", (...values: Value[]) => values.map(toInteger).reduce((a, b) => (a > b ? a : b))),
  biggest: define("aa*", (...values: Value[]) => values.map(toInteger).reduce((a, b) => (a > b ? a : b))),
  min: define("aa*", (...values: Value[]) => values.map(toInteger).reduce((a, b) => (a < b ? a : b))),

  addf: define("a*", (...values: Value[]) => values.map(toFloat).reduce(decimalSum, 0)),
  add1f: define("a", (value: Value) => decimalSum(toFloat(value), 1)),
  subf: define("aa*", (first: Value, ...values: Value[]) =>
    values.map(toFloat).reduce((a, b) => decimalSum(a, -b), toFloat(first)),
  ),
  mulf: define("aa*", (first: Value, ...values: Value[]) => values.map(toFloat).reduce(decimalProduct, toFloat(first))),
  divf: define("aa*", (first: Value, ...values: Value[]) =>
    values.map(toFloat).reduce((a, b) => {
      if (b === 0) throw new Error("division by zero");
      return a / b;
    }, toFloat(first)),
  ),
  maxf: define("aa*", (...values: Value[]) => Math.max(...values.map(toFloat))),
  minf: define("aa*", (...values: Value[]) => Math.min(...values.map(toFloat))),
  ceil: define("a", (value: Value) => Math.ceil(toFloat(value))),
  floor: define("a", (value: Value) => Math.floor(toFloat(value))),
  round: define("aif?", round),

  until: define("i", (count: bigint) => steps(0n, count, count < 0n ? -1n : 1n)),
  untilStep: define("iii", steps),
  seq: define("i*", sequence),
};

/** Also by other functions: what an integer is taken for. */
export function toInteger(value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return Number.isFinite(value) ? wrap(BigInt(Math.trunc(value))) : 0n;
  return typeof value === "string" ? (parseInteger(value.replace(/\.0*$/, "")) ?? 0n) : 0n;
}

function toFloat(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" ? (parseGoFloat(value) ?? 0) : 0;
}

/** In 64 bits. */
function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function divisor(value: Value): bigint {
  const number = toInteger(value);
  if (number === 0n) throw new Error("division by zero");
  return number;
}

/** sprig computes in decimals: 0.1 and 0.2 make 0.3. */
function decimalSum(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a + b;
  const places = Math.max(placesOf(a), placesOf(b));
  const sum = unscaled(a, places) + unscaled(b, places);
  return Number(`${sum}e-${places}`);
}

function decimalProduct(a: number, b: number): number {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a * b;
  return Number(`${unscaled(a, placesOf(a)) * unscaled(b, placesOf(b))}e-${placesOf(a) + placesOf(b)}`);
}

/** Digits behind the point of the shortest decimal. */
function placesOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  return Math.max((digits.split(".")[1] ?? "").length - Number(exponent), 0);
}

function unscaled(value: number, places: number): bigint {
  const [digits = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = digits.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(places - fraction.length + Number(exponent));
}

function round(value: Value, places: bigint, roundOn = 0.5): number {
  const power = 10 ** Number(places);
  const scaled = power * toFloat(value);
  const up = scaled - Math.trunc(scaled) >= roundOn;
  return (up ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

/** So many elements at most: a slip of the pen must not fill the memory. */
const maxSteps = 1_000_000n;

function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const numbers: bigint[] = [];
  if (step === 0n || stop < start !== step < 0n) return numbers;
  if ((stop - start) / step > maxSteps) throw new Error(`more than ${maxSteps} numbers`);
  for (let at = start; step > 0n ? at < stop : at > stop; at += step) numbers.push(at);
  return numbers;
}

/** As the program of that name: last; first and last; first, step and last. */
function sequence(...numbers: bigint[]): string {
  const [first = 1n, second, third] = numbers;
  if (numbers.length === 0 || numbers.length > 3) return "";
  if (second === undefined) return sequence(1n, first);
  const last = third ?? second;
  const direction = last < first ? -1n : 1n;
  return steps(first, last + direction, third === undefined ? direction : second).join(" ");
}
