import { compileRe2, type Re2 } from "../../../lib/re2.ts";
import { type Labels, labelValue } from "../../../signals/labels.ts";
import { type Entry, withLabel, withoutLabels } from "../entry.ts";
import { changing, readOption, type StageKind } from "../stage.ts";

export interface StructuredMetadataOptions {
  /** Name to the name of its value; "" is the name itself. */
  readonly values: Readonly<Record<string, string>>;
  /** Of the extracted values and labels that are taken under their own names. */
  readonly regex: string;
}

/** Labels that become metadata are labels no more. */
export const structuredMetadata: StageKind<StructuredMetadataOptions> = {
  name: "structured_metadata",
  create({ values, regex }) {
    const sources = Object.entries(values).map(([name, source]) => [name, source || name] as const);
    const names = regex === "" ? undefined : readOption(["regex"], "an RE2 expression", () => compileRe2(regex));
    return changing((entry) => {
      moveNamed(entry, sources);
      if (names !== undefined) moveMatching(entry, names);
    });
  },
};

function moveNamed(entry: Entry, sources: readonly (readonly [name: string, source: string])[]): void {
  for (const [name, source] of sources) {
    const value = labelValue(entry.labels, source) || entry.extracted[source];
    if (value !== undefined) entry.metadata = withLabel(entry.metadata, name, value);
  }
  entry.labels = withoutLabels(entry.labels, (label) => sources.some(([, source]) => source === label));
}

function moveMatching(entry: Entry, names: Re2): void {
  const matching = Object.keys(entry.extracted).filter((name) => names.test(name));
  const moved = new Map(matching.map((name) => [name, entry.extracted[name] ?? ""]));
  for (const [name, value] of pairs(entry.labels)) if (names.test(name)) moved.set(name, value);
  for (const [name, value] of moved) entry.metadata = withLabel(entry.metadata, name, value);
  entry.labels = withoutLabels(entry.labels, (label) => moved.has(label));
}

function pairs(labels: Labels): [name: string, value: string][] {
  return Array.from({ length: labels.length / 2 }, (_, at) => [labels[2 * at]!, labels[2 * at + 1]!]);
}
