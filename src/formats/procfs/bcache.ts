import { lines } from "./text.ts";

const powers = "kMGTPEZY";

/**
 * A number as bcache prints it: `512`, `7.2M`. What stands behind the point is no fraction in tenths but a remainder of
 * 1024 divided by 100, so `.10` is more than `.9`; upstream puts it right by dividing by 10.24.
 */
export function parseBcacheNumber(text: string): number {
  const [, sign, whole, rest = "0", unit = ""] = /^(-?)([0-9]+)(?:\.([0-9]+))?([kMGTPEZY]?)$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`cannot parse ${JSON.stringify(text)} as a number of bcache`);
  const size = unit === "" ? Number(`${whole}.${rest}`) : Number(whole) + Number(rest) / 10.24;
  const power = unit === "" ? 0 : powers.indexOf(unit) + 1;
  const value = Math.trunc(size * 1024 ** power);
  return sign === "-" && value !== 0 ? -value : value;
}

/** The lines `name: value` of writeback_rate_debug; rates lose their `/sec`. */
export function parseWritebackRate(text: string): ReadonlyMap<string, number> {
  const numbers = [...lines(text)].flatMap((line): [string, number][] => {
    const [, name = "", value = ""] =
      /^(rate|target|proportional|integral|change):\s*(\S+?)(?:\/sec)?$/.exec(line) ?? [];
    return name === "" ? [] : [[name, parseBcacheNumber(value)]];
  });
  return new Map(numbers);
}

/** The two percentages at the top of priority_stats. */
export function parsePriorityStats(text: string): { readonly unused: number; readonly metadata: number } {
  const percent = (name: string) => Number(new RegExp(`^${name}:\\s+([0-9]+)%`, "m").exec(text)?.[1] ?? 0);
  return { unused: percent("Unused"), metadata: percent("Metadata") };
}
