import { formatGoFloat, parseGoFloat } from "../../lib/go-float.ts";
import { compareUtf8, type Labels } from "../../signals/labels.ts";
import type { FamilySample } from "../../signals/metric-family.ts";
import { completeLabels, type TextSample } from "./text-line.ts";

/** One histogram or summary of a family. */
interface Distribution {
  readonly labels: Labels;
  /** By upper bound, or by quantile. */
  readonly parts: Map<number, number>;
  sum: number;
  count: number;
}

/**
 * The samples of a histogram (`part` is le) or summary (quantile) in the order in which client_golang prints them: parts
 * by their number, then the sum, then the count. A histogram has a bucket for everything, if need be from its count.
 */
export function distributionSamples(
  family: string,
  part: "le" | "quantile",
  names: readonly string[],
  samples: readonly TextSample[],
): FamilySample[] {
  return distributionsOf(family, part, names, samples).flatMap(({ labels, parts, sum, count }) => {
    if (part === "le") parts.set(Number.POSITIVE_INFINITY, count);
    const name = part === "le" ? `${family}_bucket` : family;
    const ordered = [...parts].sort(([a], [b]) => a - b);
    return [
      ...ordered.map(([bound, value]) => ({ name, labels: withLabel(labels, part, formatGoFloat(bound)), value })),
      { name: `${family}_sum`, labels, value: sum },
      { name: `${family}_count`, labels, value: count },
    ];
  });
}

function distributionsOf(
  family: string,
  part: string,
  names: readonly string[],
  samples: readonly TextSample[],
): Distribution[] {
  const found = new Map<string, Distribution>();
  for (const { name, labels: given, value } of samples) {
    const labels = completeLabels(given, names);
    const key = labels.join("\0");
    const distribution = found.get(key) ?? { labels, parts: new Map(), sum: 0, count: 0 };
    found.set(key, distribution);
    if (name === `${family}_sum`) distribution.sum = value;
    else if (name === `${family}_count`) distribution.count = Math.trunc(value);
    else addPart(distribution, part, given.get(part), value);
  }
  return [...found.values()];
}

function addPart({ parts }: Distribution, part: string, text: string | undefined, value: number): void {
  if (text === undefined) return;
  const bound = parseGoFloat(text);
  if (bound === undefined) throw new Error(`expected a number as label ${part}, got ${JSON.stringify(text)}`);
  parts.set(bound, part === "le" ? Math.trunc(value) : value);
}

function withLabel(labels: Labels, name: string, value: string): Labels {
  for (let at = 0; at < labels.length; at += 2) {
    if (compareUtf8(labels[at]!, name) > 0) return [...labels.slice(0, at), name, value, ...labels.slice(at)];
  }
  return [...labels, name, value];
}
