import { lines, malformed, unsigned } from "./text.ts";

/** A zone of /proc/buddyinfo: the free blocks of 2^0, 2^1, … pages. */
export interface BuddyZone {
  readonly node: string;
  readonly zone: string;
  readonly blocks: readonly number[];
}

export function parseBuddyinfo(text: string): BuddyZone[] {
  return [...lines(text)].map((line) => {
    const [, node = "", zone = "", sizes = ""] = /^Node\s+([0-9]+),\s+zone\s+(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (sizes === "") throw malformed("buddyinfo", line);
    return { node, zone, blocks: sizes.split(/\s+/).map((size) => unsigned(size, "buddyinfo", line)) };
  });
}
