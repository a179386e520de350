import { formatGoFloat } from "../../../lib/go-float.ts";
import { quoteGo } from "../go-string.ts";
import { exponential, fixed, general } from "./float-verbs.ts";
import { plain } from "./print.ts";
import { isDict, isList, isMoment, sortedEntries, typeName, type Value } from "./values.ts";

/** Flags, width and precision of a verb: `%-08.3f`. */
interface Directive {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

/**
 * fmt.Sprintf, with flags, width, precision, `*` and argument numbers (`%[1]d`). Mistakes of the format are shown in the
 * text as Go shows them: `%!d(string=hi)`, `%!s(MISSING)`, `%!(EXTRA int=1)`.
 */
export function printf(format: string, values: readonly Value[]): string {
  let next = 0;
  let reordered = false;
  const text = format.replaceAll(
    directivePattern,
    (...[, flags = "", width = "", precision, index, verb]: string[]) => {
      const sizes = [width, precision].map((size) => (size === "*" ? Number(values[next++]) : size));
      if (verb === undefined) return "%!(NOVERB)";
      if (verb === "%") return "%";
      if (index !== undefined) {
        next = Number(index) - 1;
        reordered = true;
      }
      return next < 0 || next >= values.length ? missing(verb, index) : sized(values[next++], verb, flags, sizes);
    },
  );
  if (reordered || next >= values.length) return text;
  return `${text}%!(EXTRA ${values.slice(next).map(typed).join(", ")})`;
}

/** Of widths and precisions, as in Go. */
const maxColumns = 1_000_000;

const directivePattern = /%([-+# 0]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?(?:\[([0-9]+)\])?(.)?/gsu;

function missing(verb: string, index: string | undefined): string {
  return `%!${verb}(${index === undefined ? "MISSING" : "BADINDEX"})`;
}

function sized(value: Value, verb: string, flags: string, sizes: ReadonlyArray<string | number | undefined>): string {
  const isTooWide = sizes.some((size) => Math.abs(Number(size ?? 0)) > maxColumns);
  const text = verbText(value, verb, directive(flags, isTooWide ? [] : sizes));
  return isTooWide ? `%!(BADWIDTH)${text}` : text;
}

function directive(flags: string, [width, precision]: ReadonlyArray<string | number | undefined>): Directive {
  const columns = Number(width ?? 0);
  const minus = flags.includes("-") || columns < 0;
  return {
    minus,
    plus: flags.includes("+"),
    sharp: flags.includes("#"),
    space: flags.includes(" "),
    zero: flags.includes("0") && !minus,
    width: Math.abs(columns),
    precision: precision === undefined || Number(precision) < 0 ? undefined : Number(precision),
  };
}

function typed(value: Value): string {
  return value === undefined ? "<nil>" : `${typeName(value)}=${plain(value)}`;
}

function verbText(value: Value, verb: string, flags: Directive): string {
  if (verb === "T") return padded(typeName(value), flags);
  if (isMoment(value)) return padded(plain(value), flags);
  if (verb === "v" && flags.sharp) return padded(goSyntax(value), flags);
  if (value === undefined) return verb === "v" ? padded("<nil>", flags) : `%!${verb}(<nil>)`;
  if (isList(value)) return `[${value.map((element) => verbText(element, verb, flags)).join(" ")}]`;
  if (isDict(value)) {
    const pairs = sortedEntries(value);
    return `map[${pairs.map(([key, element]) => `${verbText(key, verb, flags)}:${verbText(element, verb, flags)}`).join(" ")}]`;
  }
  return scalarText(value, verb, flags) ?? `%!${verb}(${typed(value)})`;
}

/** Undefined if the verb is not one of the type. */
function scalarText(value: boolean | bigint | number | string, verb: string, flags: Directive): string | undefined {
  switch (typeof value) {
    case "boolean":
      return verb === "v" || verb === "t" ? padded(String(value), flags) : undefined;
    case "bigint":
      return integerText(value, verb, flags);
    case "number":
      return floatText(value, verb, flags);
    default:
      return stringText(value, verb, flags);
  }
}

function stringText(value: string, verb: string, flags: Directive): string | undefined {
  const cut = flags.precision === undefined ? value : [...value].slice(0, flags.precision).join("");
  switch (verb) {
    case "v":
    case "s":
      return padded(cut, flags);
    case "q":
      return padded(flags.sharp && /^[^`\p{Cc}]*$/u.test(cut) ? `\`${cut}\`` : quoteGo(cut, '"', flags.plus), flags);
    case "x":
    case "X": {
      const bytes = Buffer.from(value).subarray(0, flags.precision);
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
      const prefix = flags.sharp && bytes.length > 0 ? "0x" : "";
      const text = flags.space ? hex.map((byte) => prefix + byte).join(" ") : prefix + hex.join("");
      return padded(verb === "X" ? text.toUpperCase() : text, flags);
    }
    default:
      return undefined;
  }
}

const bases: Readonly<Record<string, readonly [radix: number, prefix: string]>> = {
  v: [10, ""],
  d: [10, ""],
  b: [2, "0b"],
  o: [8, "0"],
  O: [8, "0o"],
  x: [16, "0x"],
  X: [16, "0X"],
};

function integerText(value: bigint, verb: string, flags: Directive): string | undefined {
  const base = bases[verb];
  if (base === undefined) return characterText(value, verb, flags);
  const [radix, prefix] = base;
  const magnitude = value < 0n ? -value : value;
  if (flags.precision === 0 && value === 0n) return padded("", { ...flags, zero: false });
  const digits = magnitude.toString(radix).padStart(flags.precision ?? 0, "0");
  const marked = (flags.sharp || verb === "O" ? prefix : "") + (verb === "X" ? digits.toUpperCase() : digits);
  return numberPadded(sign(value < 0n, flags), marked, { ...flags, zero: flags.zero && flags.precision === undefined });
}

function characterText(value: bigint, verb: string, flags: Directive): string | undefined {
  const code = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn) ? Number(value) : 0xfffd;
  const character = String.fromCodePoint(code);
  if (verb === "c") return padded(character, flags);
  if (verb === "q") return padded(quoteGo(character, "'", flags.plus), flags);
  if (verb !== "U") return undefined;
  const hex = value.toString(16).toUpperCase().padStart(4, "0");
  return padded(`U+${hex}${flags.sharp ? ` ${quoteGo(character, "'").replaceAll('"', "")}` : ""}`, flags);
}

function floatText(value: number, verb: string, flags: Directive): string | undefined {
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const mark = sign(negative, flags);
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "NaN" : "Inf";
    const shown = mark === "" && !Number.isNaN(value) ? "+" : mark;
    return "vgGeEfF".includes(verb) ? padded(shown + name, { ...flags, zero: false }) : undefined;
  }
  const { precision } = flags;
  switch (verb) {
    case "f":
    case "F":
      return numberPadded(mark, fixed(magnitude, precision ?? 6), flags);
    case "e":
    case "E":
      return numberPadded(mark, cased(exponential(magnitude, precision ?? 6), verb), flags);
    case "v":
    case "g":
    case "G": {
      const text = precision === undefined ? formatGoFloat(magnitude) : general(magnitude, precision);
      return numberPadded(mark, cased(text, verb), flags);
    }
    default:
      return undefined;
  }
}

function cased(text: string, verb: string): string {
  return verb === "E" || verb === "G" ? text.toUpperCase() : text;
}

function sign(negative: boolean, flags: Directive): string {
  if (negative) return "-";
  if (flags.plus) return "+";
  return flags.space ? " " : "";
}

function numberPadded(mark: string, digits: string, flags: Directive): string {
  if (flags.zero) return mark + digits.padStart(flags.width - mark.length, "0");
  return padded(mark + digits, flags);
}

function padded(text: string, { minus, zero, width }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  const padding = (zero ? "0" : " ").repeat(missing);
  return minus ? text + padding : padding + text;
}

/** `%#v` */
function goSyntax(value: Value): string {
  if (typeof value === "string") return quoteGo(value);
  if (value === undefined) return "<nil>";
  if (isList(value)) return `[]interface {}{${value.map(nested).join(", ")}}`;
  if (!isDict(value)) return plain(value);
  const pairs = sortedEntries(value).map(([key, element]) => `${quoteGo(key)}:${nested(element)}`);
  return `map[string]interface {}{${pairs.join(", ")}}`;
}

function nested(value: Value): string {
  return value === undefined ? "interface {}(nil)" : goSyntax(value);
}
