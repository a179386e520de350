const units: readonly (readonly [unit: string, ms: number])[] = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

const pattern = new RegExp(`^${units.map(([unit]) => `(?:([0-9]+)${unit})?`).join("")}$`);

/**
 * Milliseconds of a duration as Prometheus writes it: `1m30s`, the largest unit first, each unit once, or a bare `0`
 * (prometheus/common, model.ParseDuration). Undefined when the text is none.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const match = text === "" ? null : pattern.exec(text);
  return match === null ? undefined : units.reduce((sum, [, ms], at) => sum + Number(match[at + 1] ?? 0) * ms, 0);
}

/** The shortest spelling: 90000 is `1m30s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of units.slice(2)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}
