import { lines, malformed, words } from "./text.ts";

/** A file of /proc/net/stat: a heading, and a line of hexadecimal numbers for each CPU. By column, the CPUs in order. */
export function parseLnstat(text: string): ReadonlyMap<string, readonly number[]> {
  const [heading = "", ...cpus] = lines(text);
  const columns = new Map(words(heading).map((name): [string, number[]] => [name, []]));
  const inOrder = [...columns.values()];
  for (const line of cpus) {
    for (const [at, word] of words(line).entries()) {
      if (inOrder[at] === undefined || !/^[0-9a-fA-F]+$/.test(word)) throw malformed("net/stat", line);
      inOrder[at].push(Number(`0x${word}`));
    }
  }
  return columns;
}
