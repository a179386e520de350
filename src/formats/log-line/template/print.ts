import { formatGoFloat } from "../../../lib/go-float.ts";
import { formatGoTime } from "../go-time-format.ts";
import { isDict, isList, isMoment, sortedEntries, type Value } from "./values.ts";

/** As a template prints it: what is not there is `<no value>`. */
export function printed(value: Value): string {
  return value === undefined ? "<no value>" : plain(value);
}

/** `%v`, as fmt.Sprint has it. */
export function plain(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : formatGoFloat(value);
  if (value === undefined) return "<nil>";
  if (isList(value)) return `[${value.map(plain).join(" ")}]`;
  if (isDict(value)) {
    return `map[${sortedEntries(value)
      .map(([key, element]) => `${key}:${plain(element)}`)
      .join(" ")}]`;
  }
  if (isMoment(value)) return formatGoTime("2006-01-02 15:04:05.999999999 -0700 MST", value.nanoseconds, value.zone);
  return String(value);
}

/** fmt.Sprint: a space between two values of which neither is a string. */
export function print(values: readonly Value[]): string {
  return values
    .map((value, at) => {
      const spaced = at > 0 && typeof value !== "string" && typeof values[at - 1] !== "string";
      return `${spaced ? " " : ""}${plain(value)}`;
    })
    .join("");
}

export function println(values: readonly Value[]): string {
  return `${values.map(plain).join(" ")}\n`;
}
