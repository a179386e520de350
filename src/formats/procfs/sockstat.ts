import { lines, malformed, signed, words } from "./text.ts";

/** The counts of one protocol in /proc/net/sockstat: `TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1`. */
export interface SockStat {
  /** `sockets` is the line of all IPv4 sockets. */
  readonly protocol: string;
  readonly counts: readonly (readonly [name: string, count: number])[];
}

export function parseSockstat(text: string, file: string): SockStat[] {
  const stats: SockStat[] = [];
  for (const line of lines(text)) {
    const [protocol = "", ...fields] = words(line);
    if (fields.length === 0) continue;
    if (fields.length % 2 === 1) throw malformed(file, line);
    const counts: [string, number][] = [];
    for (let at = 0; at < fields.length; at += 2) counts.push([fields[at]!, signed(fields[at + 1], file, line)]);
    stats.push({ protocol: protocol.replace(":", ""), counts });
  }
  return stats;
}
