import { lines, unsigned, words } from "./text.ts";

/** /proc/softirqs: how often each softirq ran, per column of a CPU. */
export function parseSoftirqs(text: string): Map<string, number[]> {
  const softirqs = new Map<string, number[]>();
  for (const line of lines(text)) {
    const [name = "", ...counts] = words(line);
    if (!name.endsWith(":")) continue;
    softirqs.set(
      name.slice(0, -1),
      counts.map((count) => unsigned(count, "softirqs", line)),
    );
  }
  return softirqs;
}
