/**
 * Numbers as Go writes and reads them. Go's shortest form has the same digits as JavaScript's; only the notation
 * differs: the exponent form begins at 1e+06 and below 1e-04 and has at least two exponent digits.
 */

/** As on a /metrics page: strconv.FormatFloat(value, 'g', -1, 64), and `0` for the negative zero too. */
export function formatGoFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  if (magnitude === 0) return "0";
  if (Number.isNaN(value)) return "NaN";
  if (magnitude === Number.POSITIVE_INFINITY) return value > 0 ? "+Inf" : "-Inf";
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** As OpenMetrics wants the values of `le` and `quantile`: with a `.0` where it would look like an integer. */
export function formatFloatLabel(value: number): string {
  const text = formatGoFloat(value);
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text;
}

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const infinity = /^([+-]?)inf(?:inity)?$/i;

/** strconv.ParseFloat; undefined where it fails, which includes numbers too large for a double. */
export function parseGoFloat(text: string): number | undefined {
  if (decimal.test(text)) return finite(Number(text));
  const [, sign] = infinity.exec(text) ?? [];
  if (sign !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (text.includes("_")) return separatesDigits(text) ? parseGoFloat(text.replaceAll("_", "")) : undefined;
  return parseHexadecimal(text);
}

/** Go refuses a number that overflows, where JavaScript answers Infinity. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function separatesDigits(text: string): boolean {
  return /^[+-]?(?:0[xX]_?)?[0-9a-fA-F.]+(?:_[0-9a-fA-F.]+)*(?:[eEpP][+-]?[0-9]+(?:_[0-9]+)*)?$/.test(text);
}

/** `0x1.8p4`: hexadecimal digits times a power of two, which must be there. */
function parseHexadecimal(text: string): number | undefined {
  const [, sign, whole = "", fraction = "", exponent = ""] = hexadecimal.exec(text) ?? [];
  if (sign === undefined || whole + fraction === "") return undefined;
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
  return mantissa === 0 ? 0 : finite(sign === "-" ? -value : value);
}
