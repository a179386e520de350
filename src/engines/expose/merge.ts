import { formatLabels } from "../../signals/labels.ts";
import type { FamilySample, MetricFamily } from "../../signals/metric-family.ts";

/**
 * The families of several exporters as one page. Where two exporters contradict each other the first stays, as in
 * node_exporter: of a family with another help or type nothing of the second is taken, of a series that comes twice the
 * second value is not.
 */
export function mergeFamilies(pages: readonly (readonly MetricFamily[])[]): {
  families: readonly MetricFamily[];
  conflicts: readonly string[];
} {
  const conflicts: string[] = [];
  const merged = new Map<string, MetricFamily>();
  for (const family of pages.flat()) {
    const first = merged.get(family.name);
    if (first === undefined) {
      merged.set(family.name, family);
    } else {
      merged.set(family.name, mergeTwo(first, family, conflicts));
    }
  }
  return { families: [...merged.values()], conflicts };
}

function mergeTwo(first: MetricFamily, second: MetricFamily, conflicts: string[]): MetricFamily {
  const { name } = first;
  const other = first.type !== second.type ? "type" : first.help !== second.help ? "help" : undefined;
  if (other !== undefined) {
    conflicts.push(`${name} has ${other} ${JSON.stringify(first[other])} and also ${JSON.stringify(second[other])}`);
    return first;
  }
  const seen = new Set(first.samples.map(seriesOf));
  const samples = [...first.samples];
  for (const sample of second.samples) {
    const series = seriesOf(sample);
    if (seen.has(series)) conflicts.push(`${series} was collected before`);
    else samples.push(sample);
    seen.add(series);
  }
  return { ...first, samples };
}

function seriesOf({ name, labels }: FamilySample): string {
  return name + formatLabels(labels);
}
