import { lines, malformed, unsigned, words } from "./text.ts";

/** Microseconds for which some, or all, tasks had to wait (Documentation/accounting/psi.rst). */
export interface Pressure {
  readonly some: number | undefined;
  readonly full: number | undefined;
}

export function parsePressure(text: string, file: string): Pressure {
  const totals = new Map<string, number>();
  for (const line of lines(text)) {
    const [kind = "", ...fields] = words(line);
    const total = fields.find((field) => field.startsWith("total="));
    if (total === undefined) throw malformed(file, line);
    totals.set(kind, unsigned(total.slice("total=".length), file, line));
  }
  return { some: totals.get("some"), full: totals.get("full") };
}
