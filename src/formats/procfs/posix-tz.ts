/** The zone that is in force: its abbreviation and its distance east of UTC in seconds. */
export interface ZoneOffset {
  readonly abbreviation: string;
  readonly seconds: number;
}

/**
 * The zone in force by a rule such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1, TZ; RFC 9636, section 3.3.1): standard
 * time's name and its distance *west* of UTC, summer time's, when summer begins and when it ends, both in the local time
 * that holds until then. Undefined when the text is no rule.
 */
export function offsetByRule(rule: string, unixSeconds: number): ZoneOffset | undefined {
  const [, name = "", offset = "", summerName = "", summerOffset = "", begin = "", end = ""] = whole.exec(rule) ?? [];
  if (name === "") return undefined;
  const standard: ZoneOffset = { abbreviation: bare(name), seconds: -seconds(offset) };
  if (summerName === "") return standard;
  const summer: ZoneOffset = {
    abbreviation: bare(summerName),
    seconds: summerOffset === "" ? standard.seconds + 3600 : -seconds(summerOffset),
  };
  const year = new Date((unixSeconds + standard.seconds) * 1000).getUTCFullYear();
  const summerBegins = momentOf(begin, year) - standard.seconds;
  const summerEnds = momentOf(end, year) - summer.seconds;
  const isSummer =
    summerBegins < summerEnds
      ? unixSeconds >= summerBegins && unixSeconds < summerEnds
      : unixSeconds < summerEnds || unixSeconds >= summerBegins;
  return isSummer ? summer : standard;
}

const zoneName = "([A-Za-z]{3,}|<[A-Za-z0-9+-]+>)";
const time = "[+-]?[0-9]{1,3}(?::[0-9]{2}){0,2}";
const date = `(?:J?[0-9]{1,3}|M[0-9]{1,2}\\.[1-5]\\.[0-6])(?:/${time})?`;
const whole = new RegExp(`^${zoneName}(${time})(?:${zoneName}(${time})?,(${date}),(${date}))?$`);

const day = 86_400;

function bare(name: string): string {
  return name.replace(/^<|>$/g, "");
}

function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + rest);
}

/** When the date is in a year, in seconds since the epoch as if local time were UTC. */
function momentOf(date: string, year: number): number {
  const [rule = "", time = "2"] = date.split("/");
  return dayOf(rule, year) * day + seconds(time);
}

function dayOf(rule: string, year: number): number {
  if (rule.startsWith("M")) {
    const [month = 1, week = 1, weekday = 0] = rule.slice(1).split(".").map(Number);
    return weekdayOf(year, month, week, weekday);
  }
  const newYear = dayNumber(year, 1, 1);
  if (!rule.startsWith("J")) return newYear + Number(rule);
  // J counts from 1 and never counts February 29th.
  const n = Number(rule.slice(1));
  const isLeap = dayNumber(year, 3, 1) - newYear === 60;
  return newYear + n - 1 + (isLeap && n >= 60 ? 1 : 0);
}

/** The nth such weekday of the month; 5 is the last one, even where it is the fourth. */
function weekdayOf(year: number, month: number, week: number, weekday: number): number {
  const first = dayNumber(year, month, 1);
  // January 1st 1970 was a Thursday.
  const firstWeekday = (((first + 4) % 7) + 7) % 7;
  const found = first + ((weekday - firstWeekday + 7) % 7) + (week - 1) * 7;
  return found < dayNumber(year, month + 1, 1) ? found : found - 7;
}

function dayNumber(year: number, month: number, dayOfMonth: number): number {
  return Date.UTC(year, month - 1, dayOfMonth) / (day * 1000);
}
