import { lines, malformed, words } from "./text.ts";

/** The names and values of /proc/vmstat. One that is no number fails all, as it does upstream. */
export function parseVmstat(text: string): [name: string, value: number][] {
  const fields: [string, number][] = [];
  for (const line of lines(text)) {
    const [name, value] = words(line);
    if (name === undefined) continue;
    if (value === undefined || Number.isNaN(Number(value))) throw malformed("vmstat", line);
    fields.push([name, Number(value)]);
  }
  return fields;
}
