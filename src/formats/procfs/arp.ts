import { lines, malformed, words } from "./text.ts";

/** How many entries of /proc/net/arp each device has, incomplete ones included. */
export function parseArpEntries(text: string): Map<string, number> {
  const entries = new Map<string, number>();
  const [, ...rows] = lines(text);
  for (const line of rows) {
    const columns = words(line);
    if (columns.length === 0) continue;
    if (columns.length !== 6) throw malformed("net/arp", line);
    const device = columns[5]!;
    entries.set(device, (entries.get(device) ?? 0) + 1);
  }
  return entries;
}
