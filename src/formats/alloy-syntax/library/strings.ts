import { type AlloyObject, type AlloyValue, isArray, joinTexts, Later, typeName } from "../values.ts";
import { takes } from "./arguments.ts";

/** The namespace `string`. */
export const strings: AlloyObject = {
  format,
  join: joined,
  replace: takes(["string", "string", "string"], (text, from, to) => text.replaceAll(from, () => to)),
  split: takes(["string", "string"], (text, separator) => (separator === "" ? [...text] : text.split(separator))),
  to_lower: takes(["string"], (text) => text.toLowerCase()),
  to_upper: takes(["string"], (text) => text.toUpperCase()),
  trim: takes(["string", "string"], (text, characters) => trimEnd(trimStart(text, characters), characters)),
  trim_prefix: takes(["string", "string"], (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trim_suffix: takes(["string", "string"], (text, suffix) =>
    suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trim_space: takes(["string"], (text) => text.trim()),
};

/** Go's Sprintf, of the verbs that make sense here: %s %v %q %d %f %t %x %%, with width and precision. */
function format(...[template, ...args]: readonly AlloyValue[]): AlloyValue {
  if (typeof template !== "string") throw new Error(`string expected, found ${typeName(template)}`);
  let at = 0;
  const parts = template.split(/(%[-+ 0]*[0-9]*(?:\.[0-9]+)?[a-zA-Z%])/).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part === "%%") return "%";
    if (at >= args.length) throw new Error(`there is no argument for ${part}`);
    return formatted(part, args[at++] ?? null);
  });
  if (at < args.length) throw new Error(`${args.length} arguments for ${at} verbs`);
  return joinTexts(parts);
}

function formatted(verb: string, value: AlloyValue): string | Later {
  const [, flags = "", width = "", precision, letter = ""] = /^%([-+ 0]*)([0-9]*)(?:\.([0-9]+))?(.)$/.exec(verb) ?? [];
  if (value instanceof Later) {
    if (verb === "%s" || verb === "%v") return value;
    throw new Error(`${verb} needs a value that is known only at run time`);
  }
  const text = textOfVerb(letter, value, precision === undefined ? undefined : Number(precision));
  const signed = flags.includes("+") && typeof value === "number" && value >= 0 ? `+${text}` : text;
  if (flags.includes("-")) return signed.padEnd(Number(width));
  if (!flags.includes("0")) return signed.padStart(Number(width));
  const sign = /^[-+]/.exec(signed)?.[0] ?? "";
  return sign + signed.slice(sign.length).padStart(Number(width) - sign.length, "0");
}

function textOfVerb(letter: string, value: AlloyValue, precision: number | undefined): string {
  if (letter === "q") return JSON.stringify(value);
  if (letter === "f" && typeof value === "number") return value.toFixed(precision ?? 6);
  if (letter === "x" && typeof value === "number") return value.toString(16);
  if ((letter === "d" && Number.isInteger(value)) || (letter === "t" && typeof value === "boolean"))
    return String(value);
  if (letter !== "s" && letter !== "v") throw new Error(`%${letter} does not go with ${typeName(value)}`);
  const text = isArray(value) ? `[${value.join(" ")}]` : String(value);
  return precision === undefined ? text : text.slice(0, precision);
}

function joined(...[list, separator]: readonly AlloyValue[]): AlloyValue {
  if (!isArray(list) || typeof separator !== "string") throw new Error("a list and a string are wanted");
  const texts = list.map((item) => (item instanceof Later ? item : String(item)));
  return joinTexts(texts.flatMap((text, at) => (at === 0 ? [text] : [separator, text])));
}

function trimStart(text: string, characters: string): string {
  const letters = [...text];
  const first = letters.findIndex((letter) => !characters.includes(letter));
  return first < 0 ? "" : letters.slice(first).join("");
}

function trimEnd(text: string, characters: string): string {
  const letters = [...text];
  return letters.slice(0, letters.findLastIndex((letter) => !characters.includes(letter)) + 1).join("");
}
