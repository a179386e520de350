import { readFileSync } from "node:fs";

/** AT_PAGESZ of <elf.h>. */
const pageSizeTag = 6n;
const usual = 4096;

/** The size of a page of memory in bytes, from the agent's own auxiliary vector: pairs of native words, tag and value. */
export function pageSize(): number {
  try {
    const words = new BigUint64Array(new Uint8Array(readFileSync("/proc/self/auxv")).buffer);
    for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === pageSizeTag) return Number(words[at + 1]);
  } catch {
    // Without procfs there is nothing to multiply by it either.
  }
  return usual;
}
