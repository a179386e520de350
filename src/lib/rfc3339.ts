const format = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the epoch; undefined for what is no time of RFC 3339. Node itself reads no more than milliseconds. */
export function parseRfc3339(text: string): bigint | undefined {
  const [, seconds = "", fraction = "", zone = ""] = format.exec(text) ?? [];
  const ms = Date.parse(seconds + zone);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** With all nine digits, in UTC. */
export function formatRfc3339(nanoseconds: bigint): string {
  const ms = nanoseconds / 1_000_000n;
  const rest = nanoseconds - ms * 1_000_000n;
  return new Date(Number(ms)).toISOString().replace("Z", `${String(rest).padStart(6, "0")}Z`);
}
