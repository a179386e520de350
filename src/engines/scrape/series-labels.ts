import { compareUtf8, type Labels, labelValue } from "../../signals/labels.ts";
import { ScrapeFailure } from "./failure.ts";
import type { ScrapeSettings } from "./settings.ts";

/**
 * The labels of a series: what the target exposes (name, value, name, value, … in any order) merged with the target's
 * own labels. On a clash the target's label wins and the exposed one moves to `exported_<name>`; with `honorLabels`
 * the exposed one wins, even where it is empty (Prometheus: scrape.mutateSampleLabels).
 */
export function seriesLabels(exposed: readonly string[], target: Labels, honorLabels: boolean): Labels {
  const { labels, repeated } = readExposed(exposed);
  if (honorLabels) {
    for (let at = 0; at < target.length; at += 2) {
      if (!labels.has(target[at]!)) labels.set(target[at]!, target[at + 1]!);
    }
  } else {
    const clashes = new Map<string, string>();
    for (let at = 0; at < target.length; at += 2) {
      const name = target[at]!;
      const value = labels.get(name);
      if (value) clashes.set(name, value);
      labels.set(name, target[at + 1]!);
      repeated.delete(name);
    }
    moveClashes(labels, clashes);
  }
  for (const name of repeated)
    if (labels.get(name)) throw new ScrapeFailure("labels", `the label "${name}" comes twice`);
  return sorted(labels);
}

/** Values by name, empty ones included: an empty value takes away all of its name. */
function readExposed(exposed: readonly string[]): { labels: Map<string, string>; repeated: Set<string> } {
  const labels = new Map<string, string>();
  const repeated = new Set<string>();
  for (let at = 0; at < exposed.length; at += 2) {
    const name = exposed[at]!;
    const value = exposed[at + 1]!;
    const known = labels.get(name);
    if (known !== undefined) repeated.add(name);
    labels.set(name, known === "" ? "" : value);
  }
  return { labels, repeated };
}

/** Shortest name first; the prefix is put in front until the name is free. */
function moveClashes(labels: Map<string, string>, clashes: ReadonlyMap<string, string>): void {
  const shortestFirst = [...clashes].sort(([a], [b]) => Buffer.byteLength(a) - Buffer.byteLength(b));
  for (const [name, value] of shortestFirst) {
    let free = `exported_${name}`;
    while (labels.get(free)) free = `exported_${free}`;
    labels.set(free, value);
  }
}

function sorted(labels: ReadonlyMap<string, string>): Labels {
  const present = [...labels].filter(([, value]) => value !== "");
  return present.sort(([a], [b]) => compareUtf8(a, b)).flat();
}

/** Throws for labels that Prometheus does not take. Lengths are in bytes, as everywhere in Go. */
export function checkLabels(labels: Labels, settings: ScrapeSettings): void {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit, nameValidationScheme } = settings;
  const name = labelValue(labels, "__name__");
  if (name === "") throw new ScrapeFailure("labels", "a series has no name");
  // The empty name sorts first.
  if (labels[0] === "") throw new ScrapeFailure("labels", `a label of ${name} has an empty name`);
  for (let at = 0; at < labels.length; at += 2) if (!labels[at]!.isWellFormed()) throw brokenName(labels[at]!);
  if (!name.isWellFormed()) throw brokenName(name);
  if (nameValidationScheme === "legacy") checkLegacyNames(labels);
  const count = labels.length / 2;
  if (labelLimit > 0 && count > labelLimit) {
    throw new ScrapeFailure("label_limit", `a series of ${name} has ${count} labels; label_limit is ${labelLimit}`);
  }
  if (labelNameLengthLimit > 0) checkLengths(labels, 0, labelNameLengthLimit, "label_name_length_limit");
  if (labelValueLengthLimit > 0) checkLengths(labels, 1, labelValueLengthLimit, "label_value_length_limit");
}

function brokenName(name: string): ScrapeFailure {
  return new ScrapeFailure("labels", `the name "${name.toWellFormed().slice(0, 50)}" is not valid UTF-8`);
}

/** The names of before UTF-8 names, those of metrics with colons. */
function checkLegacyNames(labels: Labels): void {
  for (let at = 0; at < labels.length; at += 2) {
    const [name = "", value = ""] = labels.slice(at, at + 2);
    const isMetric = name === "__name__";
    if (isMetric ? legacyMetricName.test(value) : legacyLabelName.test(name)) continue;
    const what = isMetric ? `the name "${value.slice(0, 50)}"` : `the label name "${name.slice(0, 50)}"`;
    throw new ScrapeFailure("labels", `${what} is not valid; metric_name_validation_scheme is legacy`);
  }
}

const legacyMetricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function checkLengths(labels: Labels, first: 0 | 1, limit: number, option: string): void {
  for (let at = first; at < labels.length; at += 2) {
    const length = Buffer.byteLength(labels[at]!);
    if (length <= limit) continue;
    const what = first === 0 ? "name" : `value of "${labels[at - 1]}"`;
    const text = labels[at]!.slice(0, 50);
    throw new ScrapeFailure("label_limit", `the label ${what} "${text}" has ${length} bytes; ${option} is ${limit}`);
  }
}
