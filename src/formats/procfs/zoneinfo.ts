import { lines } from "./text.ts";

/** A zone of /proc/zoneinfo. The statistics of a node stand in its first zone. */
export interface Zone {
  readonly node: string;
  readonly zone: string;
  /** Texts by name: `nr_free_pages`, `min`, `numa_hit`, … Of a name that comes twice the last one counts. */
  readonly fields: ReadonlyMap<string, string>;
  readonly protection: readonly string[];
}

export function parseZoneinfo(text: string): Zone[] {
  const zones: { node: string; zone: string; fields: Map<string, string>; protection: string[] }[] = [];
  for (const line of lines(text)) {
    const [, node = "", zone = ""] = /^Node ([0-9]+), zone\s+(\w+)/.exec(line) ?? [];
    if (node !== "") zones.push({ node, zone, fields: new Map(), protection: [] });
    const current = zones.at(-1);
    const [, name = "", value = ""] = /^\s+(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (current === undefined || name === "") continue;
    if (name === "protection:") current.protection = value.replace(/^\(|\)$/g, "").split(", ");
    else current.fields.set(name, value);
  }
  return zones;
}
