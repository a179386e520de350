import { parseGoDuration } from "../../../../lib/go-duration.ts";
import { compileGoTime } from "../../go-time.ts";
import { formatGoTime } from "../../go-time-format.ts";
import { timeZone, utc } from "../../time-zone.ts";
import { define, type GoFunctions } from "../function.ts";
import { isMoment, type Moment, type Value } from "../values.ts";
import { toInteger } from "./numbers.ts";

/** sprig's dates. `now` is milliseconds since the epoch, `location` where they are from unless a zone is named. */
export function dateFunctions(now: () => number, location: string): GoFunctions {
  const local = timeZone(location);
  const present = (): Moment => ({ nanoseconds: BigInt(now()) * 1_000_000n, zone: local });
  /** Times as they are, integers as seconds; anything else is now. */
  function momentOf(value: Value): Moment {
    if (isMoment(value)) return value;
    return typeof value === "bigint" ? { nanoseconds: value * 1_000_000_000n, zone: local } : present();
  }
  function dateIn(layout: string, value: Value, zone: string): string {
    return formatGoTime(layout, momentOf(value).nanoseconds, timeZone(zone));
  }
  function parse(layout: string, text: string): Moment | undefined {
    const nanoseconds = compileGoTime(layout, { location, now })(text);
    return nanoseconds === undefined ? undefined : { nanoseconds, zone: local };
  }
  function modified(duration: string, value: Value): Moment {
    const moment = momentOf(value);
    return { ...moment, nanoseconds: moment.nanoseconds + (durationOf(duration) ?? 0n) };
  }
  return {
    now: define("", present),
    date: define("sa", (layout: string, value: Value) => dateIn(layout, value, location)),
    dateInZone: define("sas", dateIn),
    date_in_zone: define("sas", dateIn),
    htmlDate: define("a", (value: Value) => dateIn("2006-01-02", value, location)),
    htmlDateInZone: define("as", (value: Value, zone: string) => dateIn("2006-01-02", value, zone)),
    toDate: define("ss", (layout: string, text: string) => parse(layout, text) ?? zeroTime),
    mustToDate: define("ss", (layout: string, text: string) => {
      const moment = parse(layout, text);
      if (moment === undefined) throw new Error(`${JSON.stringify(text)} is not written as ${JSON.stringify(layout)}`);
      return moment;
    }),
    unixEpoch: define("a", (value: Value) => String(seconds(momentOf(value).nanoseconds))),
    ago: define("a", (value: Value) => {
      return durationText(seconds(present().nanoseconds - momentOf(value).nanoseconds) * 1_000_000_000n);
    }),
    dateModify: define("sa", modified),
    date_modify: define("sa", modified),
    durationRound: define("a", (value: Value) => {
      if (isMoment(value)) return roundedText(present().nanoseconds - value.nanoseconds);
      return roundedText(typeof value === "string" ? (durationOf(value) ?? 0n) : toInteger(value));
    }),
    duration: define("a", (value: Value) => durationText(toInteger(value) * 1_000_000_000n)),
  };
}

/** Go's time that is none: the start of the year 1. */
const zeroTime: Moment = { nanoseconds: -62_135_596_800_000_000_000n, zone: utc };

function seconds(nanoseconds: bigint): bigint {
  return nanoseconds / 1_000_000_000n;
}

/** Nanoseconds of Go's 1h30m, which may have a sign; undefined if it is none. */
function durationOf(text: string): bigint | undefined {
  const milliseconds = parseGoDuration(text.replace(/^[+-]/, ""));
  if (milliseconds === undefined) return undefined;
  return BigInt(Math.round(milliseconds * 1e6)) * (text.startsWith("-") ? -1n : 1n);
}

const units: ReadonlyArray<readonly [name: string, seconds: bigint]> = [
  ["y", 31_536_000n],
  ["mo", 2_628_000n],
  ["d", 86_400n],
  ["h", 3_600n],
  ["m", 60n],
  ["s", 1n],
];

/** How many of the largest unit that fits: 2h. */
function roundedText(nanoseconds: bigint): string {
  const total = seconds(nanoseconds < 0n ? -nanoseconds : nanoseconds);
  const [name, size] = units.find(([, each]) => total > each) ?? ["s", 1n];
  return `${total / size}${name}`;
}

/** Go's Duration.String of whole seconds: 1h2m3s. */
function durationText(nanoseconds: bigint): string {
  const negative = nanoseconds < 0n;
  const total = seconds(negative ? -nanoseconds : nanoseconds);
  const [hours, minutes, rest] = [total / 3600n, (total / 60n) % 60n, total % 60n];
  const text = `${hours > 0n ? `${hours}h` : ""}${total >= 60n ? `${minutes}m` : ""}${rest}s`;
  return negative ? `-${text}` : text;
}
