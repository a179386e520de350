/** What Go calls a Location: the rules of a place. */
export interface TimeZone {
  /** Seconds east of Greenwich at a moment (milliseconds since the epoch). */
  offsetAt(time: number): number;
  /** Its abbreviation at that moment, or +05 where it has none. */
  nameAt(time: number): string;
  /** The offset that an abbreviation (CEST) has here in the year of that moment; undefined if it is not used here. */
  offsetOf(abbreviation: string, time: number): number | undefined;
}

export const utc: TimeZone = {
  offsetAt: () => 0,
  nameAt: () => "UTC",
  offsetOf: (abbreviation) => (abbreviation === "UTC" ? 0 : undefined),
};

/** By a name of the IANA database, "UTC" or "", or "Local" for this machine's. Throws an Error if there is none of that name. */
export function timeZone(name: string): TimeZone {
  if (name === "" || name === "UTC") return utc;
  const zone = name === "Local" ? {} : { timeZone: name };
  const offsets = formatter("en-US", "longOffset", zone, name);
  const offsetAt = rememberMinute((time) => offsetFrom(offsets.format(time)));
  return {
    offsetAt,
    nameAt: (time) => abbreviations(time, zone, name).find(isAbbreviation) ?? offsetName(offsetAt(time)),
    offsetOf(abbreviation, time) {
      const halfYears = [time, time + 182 * 86_400_000];
      const used = halfYears.find((at) => abbreviations(at, zone, name).includes(abbreviation));
      return used === undefined ? undefined : offsetAt(used);
    },
  };
}

function formatter(locale: string, style: "longOffset" | "short", zone: object, name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale, { ...zone, timeZoneName: style });
  } catch {
    throw new Error(`no time zone has the name ${JSON.stringify(name)}`);
  }
}

/** Each English knows the abbreviations of its own part of the world. */
const locales = ["en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA"];

function abbreviations(time: number, zone: object, name: string): string[] {
  return locales.map((locale) => {
    const parts = formatter(locale, "short", zone, name).formatToParts(time);
    return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  });
}

function isAbbreviation(text: string): boolean {
  return /^[A-Z]+$/.test(text);
}

function offsetName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return `${offset < 0 ? "-" : "+"}${hour}${minute === "00" ? "" : minute}`;
}

/** Of `1/1/1890, GMT+00:53:28`; GMT alone is none. */
function offsetFrom(text: string): number {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /GMT(?:([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds));
}

/** Asking is slow, and lines come in the order of time. */
function rememberMinute(offsetAt: (time: number) => number): (time: number) => number {
  let minute = Number.NaN;
  let offset = 0;
  return (time) => {
    const of = Math.floor(time / 60_000);
    if (of === minute) return offset;
    minute = of;
    offset = offsetAt(time);
    return offset;
  };
}
