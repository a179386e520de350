import type { Re2 } from "../../lib/re2.ts";

export interface LuhnOptions {
  readonly replacement: string;
  /** Digits that a run must have to be looked at. */
  readonly min_length: number;
  /** Characters that may stand between the digits of one number: `- ` for 4111-1111 1111 1111. */
  readonly delimiters: string;
  /** What it matches is kept, and divides numbers. */
  readonly skip_regex?: Re2 | undefined;
}

/** The text without the numbers whose check digit is right by Luhn's formula: cards, IMEIs and others. */
export function redactLuhn(text: string, options: LuhnOptions): string {
  let redacted = "";
  let from = 0;
  for (const [start, end] of skipped(text, options.skip_regex)) {
    redacted += redactPart(text.slice(from, start), options) + text.slice(start, end);
    from = end;
  }
  return redacted + redactPart(text.slice(from), options);
}

function* skipped(text: string, regex: Re2 | undefined): Generator<readonly [number, number]> {
  for (let from = 0; regex !== undefined && from <= text.length; ) {
    const [start = 0, end = 0] = regex.find(text, from) ?? [text.length, text.length];
    if (end > start) yield [start, end];
    from = Math.max(end, from) + (end > start ? 0 : 1);
  }
}

function redactPart(text: string, { replacement, min_length, delimiters }: LuhnOptions): string {
  return text.replaceAll(delimiters === "" ? /\p{Nd}+/gu : runOf(delimiters), (run) => {
    const digits = run.replaceAll(/\P{Nd}/gu, "");
    return digits.length >= min_length && isLuhn(digits) ? replacement : run;
  });
}

function runOf(delimiters: string): RegExp {
  return new RegExp(`\\p{Nd}(?:[${delimiters.replaceAll(/[\\\]^-]/g, "\\$&")}]*\\p{Nd})*`, "gu");
}

/** Runs beyond 64 bits are no such number, as in Alloy: the longest card number has 19 digits. */
function isLuhn(digits: string): boolean {
  if (!/^[0-9]+$/.test(digits) || BigInt(digits) > 0x7fff_ffff_ffff_ffffn) return false;
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    const digit = Number(digits[at]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}
