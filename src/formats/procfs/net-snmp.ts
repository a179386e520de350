import { lines, malformed, signed, words } from "./text.ts";

/** A statistic of a protocol: `Tcp`, `InSegs`. */
export interface NetStatistic {
  readonly protocol: string;
  readonly name: string;
  readonly value: number;
}

/** /proc/net/snmp and /proc/net/netstat: for each protocol a line with the names and one with the values. */
export function parseNetSnmp(text: string, file: string): NetStatistic[] {
  const statistics: NetStatistic[] = [];
  let header: string[] | undefined;
  for (const line of lines(text)) {
    const fields = words(line);
    if (header === undefined) {
      header = fields;
      continue;
    }
    const [protocol = "", ...values] = fields;
    if (protocol !== header[0] || fields.length !== header.length) throw malformed(file, line);
    for (const [at, value] of values.entries()) {
      statistics.push({ protocol: protocol.replace(":", ""), name: header[at + 1]!, value: signed(value, file, line) });
    }
    header = undefined;
  }
  return statistics;
}

/** /proc/net/snmp6: one statistic in a line; its name is the protocol's up to the first 6 and the statistic's. */
export function parseNetSnmp6(text: string): NetStatistic[] {
  const statistics: NetStatistic[] = [];
  for (const line of lines(text)) {
    const [key = "", value] = words(line);
    const six = key.indexOf("6");
    if (value === undefined || six < 0) continue;
    const count = signed(value, "net/snmp6", line);
    statistics.push({ protocol: key.slice(0, six + 1), name: key.slice(six + 1), value: count });
  }
  return statistics;
}
