import { parseYaml } from "../../lib/yaml.ts";

/**
 * How far promtail (`positions.yaml`) or Alloy (`positions.yml`) had read: bytes of files by path, and cursors of journals.
 *
 *     positions:                            positions:
 *       /var/log/syslog: "4711"               ? path: /var/log/syslog
 *       cursor-journal: s=0639…;i=4f…           labels: '{job="varlogs"}'
 *                                             : "4711"
 */

/** The bytes that were read of each file. Throws where the text is neither agent's. */
export function legacyOffsets(text: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (const [path = "", position = ""] of positionsIn(text)) {
    // A journal's position is a cursor, and no number.
    if (/^\d{1,15}$/.test(position)) offsets.set(path, Number(position));
  }
  return offsets;
}

/**
 * The journal's entry that a job of promtail, or a component of Alloy, read last; undefined where there is none of the
 * name. Throws where the text is neither agent's.
 */
export function legacyCursor(text: string, name: string): string | undefined {
  return positionsIn(text).find(([path]) => path === `cursor-${name}`)?.[1];
}

function positionsIn(text: string): string[][] {
  const ofAlloy = [...text.matchAll(/^\s*\? path: (.+)\n\s+labels: .*\n\s*: (.+)$/gm)];
  return ofAlloy.length > 0
    ? ofAlloy.map(([, path, position]) => [unquoted(path), unquoted(position)])
    : ofPromtail(text);
}

function ofPromtail(text: string): string[][] {
  const { positions } = Object(parseYaml(text)) as { positions?: unknown };
  if (positions === null) return [];
  if (typeof positions !== "object") throw new Error("there is no map `positions` in it");
  return Object.entries(positions).map(([path, offset]) => [path, String(offset)]);
}

function unquoted(scalar = ""): string {
  return String(parseYaml(scalar));
}
