/** `%f` of a magnitude. */
export function fixed(value: number, precision: number): string {
  if (value >= 1e21) return BigInt(value).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
  const exact = value.toFixed(maxDigits);
  if (precision > maxDigits) return exact.padEnd(exact.length - maxDigits + precision, "0");
  return tieToEven(exact, value.toFixed(precision), precision);
}

/** `%e`: two digits of exponent at least. */
export function exponential(value: number, precision: number): string {
  const wanted = Math.min(precision, maxDigits);
  const [exact = ""] = value.toExponential(maxDigits).split("e");
  const [digits = "", exponent = "+0"] = value.toExponential(wanted).split("e");
  return `${tieToEven(exact, digits, wanted)}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** What JavaScript gives at most, which shows whether a number lies exactly between two. */
const maxDigits = 100;

/** JavaScript rounds up there, Go to the even digit. */
function tieToEven(exact: string, rounded: string, precision: number): string {
  const end = exact.length - maxDigits + precision;
  const isTie = /^50*$/.test(exact.slice(end));
  return isTie && Number(rounded.at(-1)) % 2 === 1 ? exact.slice(0, precision === 0 ? end - 1 : end) : rounded;
}

/** `%g` with a precision: so many digits that count, without the zeros behind them. */
export function general(value: number, precision: number): string {
  const digits = Math.min(Math.max(precision, 1), 100);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent < -4 || exponent >= digits) return exponential(value, digits - 1).replace(/\.?0*e/, "e");
  const text = fixed(value, Math.max(digits - 1 - exponent, 0));
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
