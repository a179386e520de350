import { malformed, words } from "./text.ts";

/** The averages over 1, 5 and 15 minutes of /proc/loadavg. */
export function parseLoadavg(text: string): [load1: number, load5: number, load15: number] {
  const [load1, load5, load15] = words(text).slice(0, 3).map(Number);
  if (!isNumber(load1) || !isNumber(load5) || !isNumber(load15)) throw malformed("loadavg", text);
  return [load1, load5, load15];
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}
