/**
 * A layout of Go's time package, the reference time Mon Jan 2 15:04:05 MST 2006 written as the text to be read is written.
 *
 *     "02/Jan/2006:15:04:05 -0700"   becomes   day "/" month "/" year ":" hour ":" minute ":" second " " offset
 *
 * Every element takes as many characters as it can and gives none back, as in Go.
 */
export interface GoLayout {
  /** Undefined if the text is not written as the layout says, or a number is out of its range. */
  read(text: string): TimeParts | undefined;
}

/** What a text says; what it does not say has the value of the year 0, January 1, midnight. */
export interface TimeParts {
  year: number;
  /** 1 to 12. */
  month: number | undefined;
  day: number | undefined;
  /** 1 to 366. */
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: "AM" | "PM" | undefined;
  /** Seconds east of Greenwich. */
  offset: number | undefined;
  /** An abbreviation such as CEST. */
  zone: string | undefined;
}

/** Reads the text of an element into the parts; false if it is out of range. */
type Reader = (text: string, parts: TimeParts) => boolean;

export function compileGoLayout(layout: string): GoLayout {
  const readers: Reader[] = [];
  let pattern = "";
  let from = 0;
  for (const { 0: element, index } of layout.matchAll(layoutElements)) {
    const after = layout.slice(index + element.length);
    const [text, reader] = elementOf(element, after);
    readers.push(reader);
    pattern += `${literal(layout.slice(from, index))}(?=(${text}))(?:\\${readers.length})`;
    from = index + element.length;
  }
  const regex = new RegExp(`^${pattern}${literal(layout.slice(from))}$`);
  return { read: (text) => readParts(regex.exec(text), readers) };
}

/** Reference elements in a layout, the leftmost and longest first. */
export const layoutElements =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?![0-9])/g;

/** A run of blanks in the layout stands for any number of them, but one at least unless the text ends there. */
function literal(text: string): string {
  return text.replaceAll(/ +|[^ ]+/g, (run) =>
    run[0] === " " ? "(?: +|$)" : run.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
  );
}

function readParts(match: RegExpExecArray | null, readers: readonly Reader[]): TimeParts | undefined {
  if (match === null) return undefined;
  const parts: TimeParts = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    offset: undefined,
    zone: undefined,
  };
  return readers.every((read, at) => read(match[at + 1] ?? "", parts)) ? parts : undefined;
}

/** The pattern of an element's text, and what to do with it. */
function elementOf(element: string, after: string): readonly [pattern: string, reader: Reader] {
  if (/^[.,]0/.test(element)) return [`[.,][0-9]{${element.length - 1}}`, readFraction];
  if (/^[.,]9/.test(element)) return ["(?:[.,][0-9]+)?", readFraction];
  if (/^[-Z]07/.test(element)) return offsetElement(element);
  if (element === "05" || element === "5") return secondElement(element, /^[.,](?:0+|9+)(?![0-9])/.test(after));
  return plainElements[element] ?? ["", () => true];
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const longMonths = "January|February|March|April|May|June|July|August|September|October|November|December";
const longDays = "Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday";

/** The forms that Go takes for the name of a zone; GMT may have hours behind it. */
const zoneNames =
  "UTC|ChST|MeST|GMT(?:[+-]0*(?:1?[0-9]|2[0-3])(?![0-9]))?|[+-]0*(?:1?[0-9]|2[0-3])(?![0-9])|(?:[A-Z]{3}|[A-Z]{3,4}T|WITA)(?![A-Z])";

const plainElements: Readonly<Record<string, readonly [string, Reader]>> = {
  "2006": ["[0-9]{4}", (text, parts) => set(parts, "year", Number(text), 0, 9999)],
  "06": ["[0-9]{2}", (text, parts) => set(parts, "year", Number(text) + (Number(text) >= 69 ? 1900 : 2000), 0, 9999)],
  January: [`(?i:${longMonths})`, readMonthName],
  Jan: [`(?i:${monthNames.join("|")})`, readMonthName],
  "01": ["[0-9]{2}", (text, parts) => set(parts, "month", Number(text), 1, 12)],
  "1": ["[0-9]{1,2}", (text, parts) => set(parts, "month", Number(text), 1, 12)],
  Monday: [`(?i:${longDays})`, () => true],
  Mon: ["(?i:sun|mon|tue|wed|thu|fri|sat)", () => true],
  "02": ["[0-9]{2}", (text, parts) => set(parts, "day", Number(text), 0, 99)],
  "2": ["[0-9]{1,2}", (text, parts) => set(parts, "day", Number(text), 0, 99)],
  _2: [" ?[0-9]{1,2}", (text, parts) => set(parts, "day", Number(text), 0, 99)],
  "002": ["[0-9]{3}", (text, parts) => set(parts, "yearDay", Number(text), 0, 999)],
  __2: [" {0,2}[0-9]{1,3}", (text, parts) => set(parts, "yearDay", Number(text), 0, 999)],
  "15": ["[0-9]{1,2}", (text, parts) => set(parts, "hour", Number(text), 0, 23)],
  "03": ["[0-9]{2}", (text, parts) => set(parts, "hour", Number(text), 0, 12)],
  "3": ["[0-9]{1,2}", (text, parts) => set(parts, "hour", Number(text), 0, 12)],
  "04": ["[0-9]{2}", (text, parts) => set(parts, "minute", Number(text), 0, 59)],
  "4": ["[0-9]{1,2}", (text, parts) => set(parts, "minute", Number(text), 0, 59)],
  PM: ["AM|PM", readHalf],
  pm: ["am|pm", readHalf],
  MST: [zoneNames, readZone],
};

type NumberPart = "year" | "month" | "day" | "yearDay" | "hour" | "minute" | "second";

function set(parts: TimeParts, part: NumberPart, value: number, least: number, most: number): boolean {
  parts[part] = value;
  return value >= least && value <= most;
}

/** A fraction may follow the seconds although the layout has none. */
function secondElement(element: string, hasFraction: boolean): readonly [string, Reader] {
  const digits = element === "05" ? "[0-9]{2}" : "[0-9]{1,2}";
  return [hasFraction ? digits : `${digits}(?:[.,][0-9]+)?`, readSeconds];
}

function readSeconds(text: string, parts: TimeParts): boolean {
  const [, seconds, fraction = ""] = /^([0-9]+)(.*)$/.exec(text) ?? [];
  return readFraction(fraction, parts) && set(parts, "second", Number(seconds), 0, 59);
}

/** Digits beyond nanoseconds are dropped. */
function readFraction(text: string, parts: TimeParts): boolean {
  if (text !== "") parts.nanosecond = Number(text.slice(1, 10).padEnd(9, "0"));
  return true;
}

function readMonthName(text: string, parts: TimeParts): boolean {
  return set(parts, "month", monthNames.indexOf(text.slice(0, 3).toLowerCase()) + 1, 1, 12);
}

function readHalf(text: string, parts: TimeParts): boolean {
  parts.half = text.toUpperCase() === "AM" ? "AM" : "PM";
  return true;
}

function readZone(text: string, parts: TimeParts): boolean {
  if (text === "UTC") parts.offset = 0;
  else parts.zone = text;
  return true;
}

/** `-0700` and its like; with Z in place of the sign the text may be a Z. */
function offsetElement(element: string): readonly [string, Reader] {
  const digits = element.slice(1).replaceAll(/[0-9]{2}/g, "[0-9]{2}");
  return [element[0] === "Z" ? `Z|[+-]${digits}` : `[+-]${digits}`, readOffset];
}

function readOffset(text: string, parts: TimeParts): boolean {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /^(.)(?:([0-9]{2}):?([0-9]{2})?:?([0-9]{2})?)?$/.exec(text) ?? [];
  const magnitude = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  parts.offset = sign === "-" ? -magnitude : magnitude;
  return Number(hours) <= 24 && Number(minutes) <= 60 && Number(seconds) <= 60;
}
