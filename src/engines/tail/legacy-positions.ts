import { parseYaml } from "../../lib/yaml.ts";

/**
 * The positions that promtail (`positions.yaml`) or Alloy (`positions.yml`) wrote down: bytes, by path. Throws where the
 * text is neither.
 *
 *     positions:                            positions:
 *       /var/log/syslog: "4711"               ? path: /var/log/syslog
 *                                               labels: '{job="varlogs"}'
 *                                             : "4711"
 */
export function parseLegacyPositions(text: string): ReadonlyMap<string, number> {
  const ofAlloy = [...text.matchAll(/^\s*\? path: (.+)\n\s+labels: .*\n\s*: (.+)$/gm)];
  const entries =
    ofAlloy.length > 0 ? ofAlloy.map(([, path, offset]) => [unquoted(path), unquoted(offset)]) : ofPromtail(text);
  const positions = new Map<string, number>();
  for (const [path = "", offset = ""] of entries) {
    // A journal's position is a cursor, and no number.
    if (/^\d{1,15}$/.test(offset)) positions.set(path, Number(offset));
  }
  return positions;
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
