import { lines, malformed, unsigned, words } from "./text.ts";

/** The columns of /proc/net/dev since Linux 2.1, in their order. */
export const netDevColumns = [
  "receive_bytes",
  "receive_packets",
  "receive_errs",
  "receive_drop",
  "receive_fifo",
  "receive_frame",
  "receive_compressed",
  "receive_multicast",
  "transmit_bytes",
  "transmit_packets",
  "transmit_errs",
  "transmit_drop",
  "transmit_fifo",
  "transmit_colls",
  "transmit_carrier",
  "transmit_compressed",
] as const;

export interface NetDevice {
  readonly name: string;
  /** In the order of `netDevColumns`. */
  readonly counters: readonly number[];
}

export function parseNetDev(text: string): NetDevice[] {
  const devices: NetDevice[] = [];
  for (const line of lines(text)) {
    // The two lines of the heading are the only ones with a bar. An alias such as eth0:1 has a colon in its name.
    const colon = line.lastIndexOf(":");
    if (line.includes("|") || line.trim() === "") continue;
    const values = words(line.slice(colon + 1));
    if (colon < 0 || values.length !== netDevColumns.length) throw malformed("net/dev", line);
    devices.push({
      name: line.slice(0, colon).trim(),
      counters: values.map((value) => unsigned(value, "net/dev", line)),
    });
  }
  return devices;
}
