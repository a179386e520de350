import { compileGoLayout, type TimeParts } from "./go-layout.ts";
import { type TimeZone, timeZone, utc } from "./time-zone.ts";

export interface GoTimeOptions {
  /** Where times without a zone are from; UTC if absent. The layouts that have a name of their own do not heed it. */
  readonly location?: string | undefined;
  /** Milliseconds since the epoch: tells the year of times that have none. */
  readonly now?: (() => number) | undefined;
}

/** Nanoseconds since the epoch; undefined if the text is not written as the layout says. */
export type GoTime = (text: string) => bigint | undefined;

/** For a single text; whoever reads many compiles the layout once. */
export function parseGoTime(layout: string, text: string, options: GoTimeOptions = {}): bigint | undefined {
  return compileGoTime(layout, options)(text);
}

/**
 * The formats of promtail's timestamp stage: Unix, UnixMs, UnixUs, UnixNs, the names of Go's layouts (RFC3339Nano, ANSIC,
 * …), or a layout of one's own. A time without a year is the one closest to now around New Year's Eve, else this year's.
 *
 * Throws an Error if there is no such location.
 */
export function compileGoTime(layout: string, { location = "", now = Date.now }: GoTimeOptions = {}): GoTime {
  const zone = timeZone(location);
  const unit = unixUnits[layout];
  if (unit !== undefined) return (text) => parseUnix(text, unit);
  const named = namedLayouts[layout];
  const { read } = compileGoLayout(named ?? layout);
  const placed = named === undefined ? zone : utc;
  const hasYear = (named ?? layout).includes("06");
  return (text) => {
    const parts = read(text);
    if (parts === undefined || !hasDate(parts)) return undefined;
    if (!hasYear) parts.year = closestYear(parts, now(), placed);
    return moment(parts, placed);
  };
}

const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: "Mon Jan _2 15:04:05 2006",
  UnixDate: "Mon Jan _2 15:04:05 MST 2006",
  RubyDate: "Mon Jan 02 15:04:05 -0700 2006",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339Nano: "2006-01-02T15:04:05.999999999Z07:00",
};

const unixUnits: Readonly<Record<string, bigint>> = {
  Unix: 1_000_000_000n,
  UnixMs: 1_000_000n,
  UnixUs: 1_000n,
  UnixNs: 1n,
};

/** Only seconds may have a fraction, which counts forward in negative times too. */
function parseUnix(text: string, unit: bigint): bigint | undefined {
  const [, whole, fraction] = /^([+-]?[0-9]{1,19})(?:\.([0-9]{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined || (fraction !== undefined && unit !== unixUnits.Unix)) return undefined;
  return BigInt(whole) * unit + BigInt((fraction ?? "").slice(0, 9).padEnd(9, "0"));
}

/** Fills in the date, and says whether there is such a day. */
function hasDate(parts: TimeParts): boolean {
  if (parts.yearDay !== undefined && !dateOfYearDay(parts, parts.yearDay)) return false;
  parts.month ??= 1;
  parts.day ??= 1;
  const lastDay = new Date(utcTime(parts.year, parts.month + 1, 0)).getUTCDate();
  return parts.day >= 1 && parts.day <= lastDay;
}

/** A month and a day that are there too must agree. */
function dateOfYearDay(parts: TimeParts, yearDay: number): boolean {
  const date = new Date(utcTime(parts.year, 1, yearDay));
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  if (yearDay < 1 || date.getTime() >= utcTime(parts.year + 1, 1, 1)) return false;
  if ((parts.month ?? month) !== month || (parts.day ?? day) !== day) return false;
  parts.month = month;
  parts.day = day;
  return true;
}

/** In January December was last year, and in December January is next year. */
function closestYear({ month }: TimeParts, now: number, zone: TimeZone): number {
  const here = new Date(now + zone.offsetAt(now) * 1000);
  const year = here.getUTCFullYear();
  if (month === 12 && here.getUTCMonth() === 0) return year - 1;
  return month === 1 && here.getUTCMonth() === 11 ? year + 1 : year;
}

function moment(parts: TimeParts, place: TimeZone): bigint {
  const { year, month = 1, day = 1, minute, second, nanosecond } = parts;
  const clock = utcTime(year, month, day) + ((hourOf(parts) * 60 + minute) * 60 + second) * 1000;
  const time = clock - offsetOf(parts, clock, place) * 1000;
  return BigInt(time) * 1_000_000n + BigInt(nanosecond);
}

function hourOf({ hour, half }: TimeParts): number {
  if (half === "PM" && hour < 12) return hour + 12;
  return half === "AM" && hour === 12 ? 0 : hour;
}

/** An abbreviation that the location does not know stands for UTC, as in Go, which does not heed the hours of GMT+3 either. */
function offsetOf({ offset, zone }: TimeParts, clock: number, place: TimeZone): number {
  if (offset !== undefined) return offset;
  if (zone !== undefined) return place.offsetOf(zone, clock) ?? 0;
  return place.offsetAt(clock - place.offsetAt(clock) * 1000);
}

/** Date.UTC takes the years 0 to 99 for those of the 20th century. */
function utcTime(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
