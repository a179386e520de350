import { lines, malformed, signed, unsigned, words } from "./text.ts";

/** A line of /proc/swaps; sizes in KiB. Escapes in the path stay: a blank is `\040`. */
export interface Swap {
  readonly device: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly priority: number;
}

export function parseSwaps(text: string): Swap[] {
  const [, ...rows] = lines(text);
  return rows.map((line) => {
    const columns = words(line);
    if (columns.length < 5) throw malformed("swaps", line);
    const [device = "", type = "", size, used, priority] = columns;
    return {
      device,
      type,
      size: unsigned(size, "swaps", line),
      used: unsigned(used, "swaps", line),
      priority: signed(priority, "swaps", line),
    };
  });
}
