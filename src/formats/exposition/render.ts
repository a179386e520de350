import { formatGoFloat } from "../../lib/go-float.ts";
import { compareUtf8, type Labels } from "../../signals/labels.ts";
import type { FamilySample, MetricFamily, MetricType } from "../../signals/metric-family.ts";

/**
 * Families as text format 0.0.4, in the order of client_golang: families by name; within one, series by the number of
 * their labels and then by the labels' values. Buckets and quantiles of one histogram or summary stay together in the
 * order they were given. Of a family that comes twice the first help and type count, of a series that comes twice the
 * first value. A family without samples is not printed.
 */
export function renderFamilies(families: readonly MetricFamily[]): string {
  let text = "";
  for (const family of mergeByName(families)) {
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
    const part = partOf(family.type);
    for (const sample of onlyFirst(inOrder(family), part)) {
      const labels = part === undefined ? sample.labels : withLast(sample.labels, part);
      text += `${sample.name}${renderLabels(labels)} ${formatGoFloat(sample.value)}\n`;
    }
  }
  return text;
}

/** Of samples in order, equal series stand side by side; only the parts of a histogram keep an order of their own. */
function onlyFirst(samples: readonly FamilySample[], part: string | undefined): readonly FamilySample[] {
  if (part === undefined) {
    return samples.filter((sample, at) => at === 0 || !isSameSeries(sample.labels, samples[at - 1]!.labels));
  }
  const printed = new Set<string>();
  return samples.filter(({ name, labels }) => {
    const series = name + renderLabels(labels);
    const isFirst = !printed.has(series);
    printed.add(series);
    return isFirst;
  });
}

function isSameSeries(a: Labels, b: Labels): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

function mergeByName(families: readonly MetricFamily[]): MetricFamily[] {
  const merged = new Map<string, MetricFamily>();
  for (const family of families) {
    const first = merged.get(family.name);
    if (first !== undefined) {
      merged.set(family.name, { ...first, samples: [...first.samples, ...family.samples] });
    } else {
      merged.set(family.name, family);
    }
  }
  return [...merged.values()].filter(({ samples }) => samples.length > 0).sort((a, b) => compareUtf8(a.name, b.name));
}

function inOrder({ type, samples }: MetricFamily): readonly FamilySample[] {
  const part = partOf(type);
  if (part === undefined) {
    return samples.length === 1 ? samples : [...samples].sort((a, b) => compareLabels(a.labels, b.labels));
  }
  return samples
    .map((sample) => ({ sample, labels: without(sample.labels, part) }))
    .sort((a, b) => compareLabels(a.labels, b.labels))
    .map(({ sample }) => sample);
}

/** The label of a bucket or of a quantile. */
function partOf(type: MetricType): string | undefined {
  return type === "histogram" ? "le" : type === "summary" ? "quantile" : undefined;
}

/** client_golang prints it behind all others. */
function withLast(labels: Labels, name: string): Labels {
  const at = labels.indexOf(name);
  return at < 0 || at % 2 === 1 ? labels : [...without(labels, name), name, labels[at + 1]!];
}

function without(labels: Labels, name: string): Labels {
  const at = labels.indexOf(name);
  return at < 0 || at % 2 === 1 ? labels : [...labels.slice(0, at), ...labels.slice(at + 2)];
}

function compareLabels(a: Labels, b: Labels): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let at = 1; at < a.length; at += 2) {
    const order = compareUtf8(a[at]!, b[at]!);
    if (order !== 0) return order;
  }
  // Only for samples of one family with different label names: equal series have to stand side by side.
  for (let at = 0; at < a.length; at += 2) if (a[at] !== b[at]) return compareUtf8(a[at]!, b[at]!);
  return 0;
}

function renderLabels(labels: Labels): string {
  if (labels.length === 0) return "";
  let text = "{";
  for (let at = 0; at < labels.length; at += 2) {
    text += `${at > 0 ? "," : ""}${labels[at]}="${escapeValue(labels[at + 1]!)}"`;
  }
  return `${text}}`;
}

function escapeHelp(text: string): string {
  return /[\\\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : text;
}

function escapeValue(text: string): string {
  return /[\\\n"]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"') : text;
}
