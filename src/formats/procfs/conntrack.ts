import { hexadecimal, lines, malformed, words } from "./text.ts";

/** What is counted of each CPU in /proc/net/stat/nf_conntrack, and in which column. */
const columns = {
  found: 2,
  invalid: 4,
  ignore: 5,
  insert: 8,
  insertFailed: 9,
  drop: 10,
  earlyDrop: 11,
  searchRestart: 16,
} as const;

export type ConntrackStat = Record<keyof typeof columns, number>;

/** The sums over all CPUs. A kernel before 2.6.36 has no column for restarted searches. */
export function parseConntrackStat(text: string): ConntrackStat {
  const sums = { found: 0, invalid: 0, ignore: 0, insert: 0, insertFailed: 0, drop: 0, earlyDrop: 0, searchRestart: 0 };
  const [, ...rows] = lines(text);
  for (const line of rows) {
    const fields = words(line);
    if (fields.length !== 16 && fields.length !== 17) throw malformed("net/stat/nf_conntrack", line);
    for (const [name, at] of Object.entries(columns) as [keyof ConntrackStat, number][]) {
      if (at < fields.length) sums[name] += hexadecimal(fields[at], "net/stat/nf_conntrack", line);
    }
  }
  return sums;
}
