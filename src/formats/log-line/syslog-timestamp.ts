const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** `2026-10-11T22:14:15.003Z`, in nanoseconds since the epoch; undefined when it is no such time. */
export function rfc3339Nanoseconds(text: string): bigint | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Fields;
  const ms = utc([year, month - 1, day, hour, minute, second]);
  if (ms === undefined) return undefined;
  const [fraction = "", sign, offsetHours, offsetMinutes] = match.slice(7);
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * (sign === "-" ? -1 : 1);
  return BigInt(ms - offset * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const bsd = /^([A-Z][a-z]{2}) ([ 0-3]?\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

/** So far away is the year that has the same leap days. */
const yearsTried = [0, -1, 1, -2, -3, -4];

/**
 * `Oct 11 22:14:15` of RFC 3164, in nanoseconds since the epoch. It has neither a year nor a zone: the zone is UTC, the
 * year the one that brings it closest to `nowMs`. Undefined when it is no such time.
 */
export function bsdNanoseconds(text: string, nowMs: number): bigint | undefined {
  const [, name = "", ...fields] = bsd.exec(text) ?? [];
  const month = months.indexOf(name);
  if (month === -1) return undefined;
  const [day = 0, hour = 0, minute = 0, second = 0] = fields.slice(0, 4).map(Number);
  const thisYear = new Date(nowMs).getUTCFullYear();
  let closest: number | undefined;
  for (const distance of yearsTried) {
    const ms = utc([thisYear + distance, month, day, hour, minute, second]);
    if (ms === undefined) continue;
    if (closest === undefined || Math.abs(ms - nowMs) < Math.abs(closest - nowMs)) closest = ms;
  }
  return closest === undefined ? undefined : BigInt(closest) * 1_000_000n + BigInt((fields[4] ?? "").padEnd(9, "0"));
}

/** Year, month from 0, day, hour, minute, second. */
type Fields = [year: number, month: number, day: number, hour: number, minute: number, second: number];

/** Undefined for a day that the calendar does not have. A leap second is the second after it. */
function utc([year, month, day, hour, minute, second]: Fields): number | undefined {
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = new Date(Date.UTC(year, month, day));
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}
