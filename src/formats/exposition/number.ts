import { parseGoFloat } from "../../lib/go-float.ts";

/**
 * Digits to a double, without a string in between for nearly every value there is:
 *
 *     -1 . 795223303 e +09      mantissa 1795223303, scale 9, exponent 9  →  -(1795223303 × 10^0)
 *
 * A mantissa below 2^53 is exact in a double, as is a power of ten up to 10^22, and IEEE division and multiplication
 * round once: so this is the correctly rounded value (Clinger's fast path). Whatever is longer or stranger goes the
 * slow way, whose grammar is strconv.ParseFloat without `p`, `P` and `_`, as Prometheus' text parser has it.
 */
export class NumberReader {
  /** Behind the number that was read last. */
  end = 0;

  /** Reads up to the next space, tab or newline, one of which must come. Undefined when that is not a number. */
  read(bytes: Buffer, start: number): number | undefined {
    let at = start;
    let byte = bytes[at]!;
    const negative = byte === 0x2d;
    if (negative) byte = bytes[++at]!;

    let mantissa = 0;
    const wholeStart = at;
    for (; byte >= 0x30 && byte <= 0x39; byte = bytes[++at]!) mantissa = mantissa * 10 + (byte - 0x30);
    let digits = at - wholeStart;
    let scale = 0;
    if (byte === 0x2e) {
      const fractionStart = at + 1;
      byte = bytes[++at]!;
      for (; byte >= 0x30 && byte <= 0x39; byte = bytes[++at]!) mantissa = mantissa * 10 + (byte - 0x30);
      scale = at - fractionStart;
      digits += scale;
    }
    if (byte !== 0x0a && byte !== 0x20) {
      if ((byte | 0x20) !== 0x65) return this.#readSlowly(bytes, start);
      scale -= this.#readExponent(bytes, at + 1);
      at = this.end;
    }
    if (digits === 0 || !isExact(mantissa, scale)) return this.#readSlowly(bytes, start);
    this.end = at;
    // Not -scale: for 0 that is the negative zero, which is no index, and compiled code would be thrown away for it.
    const magnitude = scale > 0 ? mantissa / powersOfTen[scale]! : mantissa * powersOfTen[0 - scale]!;
    return negative ? -magnitude : magnitude;
  }

  /** The exponent, or NaN when there is no plain one; `end` is behind it. */
  #readExponent(bytes: Buffer, start: number): number {
    let at = start;
    const sign = bytes[at]!;
    if (sign === 0x2b || sign === 0x2d) at++;
    const digitsStart = at;
    let exponent = 0;
    let byte = bytes[at]!;
    for (; byte >= 0x30 && byte <= 0x39; byte = bytes[++at]!) exponent = exponent * 10 + (byte - 0x30);
    this.end = at;
    if (at === digitsStart || (byte !== 0x0a && byte !== 0x20)) return Number.NaN;
    return sign === 0x2d ? -exponent : exponent;
  }

  #readSlowly(bytes: Buffer, start: number): number | undefined {
    let at = start;
    for (let byte = bytes[at]!; byte !== 0x0a && byte !== 0x20 && byte !== 0x09; byte = bytes[at]!) at++;
    this.end = at;
    return parseSampleValue(bytes.toString("latin1", start, at));
  }
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** False for a scale that is NaN, too. */
function isExact(mantissa: number, scale: number): boolean {
  return mantissa <= Number.MAX_SAFE_INTEGER && scale <= 22 && scale >= -22;
}

/** A sample's value as the text format has it; undefined when it is none. */
function parseSampleValue(text: string): number | undefined {
  return /[pP_]/.test(text) ? undefined : parseGoFloat(text);
}
