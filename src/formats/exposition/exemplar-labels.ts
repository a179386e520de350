import { compareUtf8, type Labels } from "../../signals/labels.ts";

/** In code points, names and values together (Prometheus: exemplar.ExemplarMaxLabelSetLength). */
const maxLength = 128;

/** Sorted and without those that are empty; undefined for labels that Prometheus does not take: too long, or twice. */
export function exemplarLabels(pairs: readonly (readonly [name: string, value: string])[]): Labels | undefined {
  const present = pairs.filter(([, value]) => value !== "");
  if (present.length > 1) present.sort(([a], [b]) => compareUtf8(a, b));
  const labels: string[] = [];
  for (const [name, value] of present) {
    if (labels.at(-2) === name) return undefined;
    labels.push(name, value);
  }
  return codePoints(labels) > maxLength ? undefined : labels;
}

function codePoints(texts: readonly string[]): number {
  let units = 0;
  for (const text of texts) units += text.length;
  return units <= maxLength ? units : [...texts.join("")].length;
}
