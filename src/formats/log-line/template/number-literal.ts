import { parseGoFloat } from "../../../lib/go-float.ts";
import { unquoteCharacter } from "../go-string.ts";
import type { NumberLiteral } from "./nodes.ts";

/** Numbers as Go's source has them: 1, 0x1F, 0b101, 0o17, 017, 1_000, 1.5e3, 0x1p-2. Undefined if it is none. */
export function numberLiteral(text: string): NumberLiteral | undefined {
  const integer = parseInteger(text);
  const float = integer === undefined ? parseFloatLiteral(text) : Number(integer);
  if (float === undefined) return undefined;
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  return { integer: integer ?? whole, float, ideal: integer ?? float };
}

/** 'a' is the number of the character. */
export function characterLiteral(text: string): NumberLiteral | undefined {
  const code = unquoteCharacter(text);
  return code === undefined ? undefined : { integer: BigInt(code), float: code, ideal: BigInt(code) };
}

/** strconv.ParseInt with base 0, in 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  const [, sign, digits = ""] =
    /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const plain = digits.replaceAll("_", "").replace(/^0(?=[0-7])/, "0o");
  const value = BigInt(plain) * (sign === "-" ? -1n : 1n);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function parseFloatLiteral(text: string): number | undefined {
  return /[.eEpP]/.test(text) ? parseGoFloat(text) : undefined;
}
