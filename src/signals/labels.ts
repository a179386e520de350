/**
 * A label set, flat: name, value, name, value, … sorted by the UTF-8 bytes of the names, no name twice, no empty value.
 *
 * Flat arrays of shared strings are the smallest thing JavaScript has for this; a fleet's series are mostly labels.
 */
export type Labels = readonly string[];

export const noLabels: Labels = [];

/** Sorts, removes empty values (an empty label is an absent label in Prometheus); of a repeated name the last one stays. */
export function labelsFrom(record: Readonly<Record<string, string>>): Labels {
  const names = Object.keys(record).filter((name) => record[name] !== "");
  names.sort(compareUtf8);
  return names.flatMap((name) => [name, record[name] ?? ""]);
}

/** The label's value, or "" when it is absent. */
export function labelValue(labels: Labels, name: string): string {
  for (let at = 0; at < labels.length; at += 2) {
    if (labels[at] === name) return labels[at + 1]!;
  }
  return "";
}

/** Both sets as one; where a name is in both, `over` wins. */
export function mergeLabels(under: Labels, over: Labels): Labels {
  if (under.length === 0) return over;
  if (over.length === 0) return under;
  return labelsFrom({ ...labelRecord(under), ...labelRecord(over) });
}

export function labelRecord(labels: Labels): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (let at = 0; at < labels.length; at += 2) record[labels[at]!] = labels[at + 1]!;
  return record;
}

/** Equal sets are equal element by element, because the order is fixed. */
export function equalLabels(a: Labels, b: Labels): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** `{a="1", b="2"}`, for people. */
export function formatLabels(labels: Labels): string {
  const pairs: string[] = [];
  for (let at = 0; at < labels.length; at += 2) pairs.push(`${labels[at]}=${JSON.stringify(labels[at + 1])}`);
  return `{${pairs.join(", ")}}`;
}

/**
 * Order by UTF-8 bytes, which is the order of code points. UTF-16 units differ from it in one place only: surrogates
 * (U+10000 and up) must come after U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
