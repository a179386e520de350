import { labelValue } from "../../../signals/labels.ts";
import { type Entry, LabelSetter } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";

export interface LabelsOptions {
  /** Label to the name of its value; "" is the label's name. */
  readonly values: Readonly<Record<string, string>>;
  readonly source_type: "extracted" | "structured_metadata";
}

/** A label whose value is not there stays as it is. */
export const labels: StageKind<LabelsOptions> = {
  name: "labels",
  create({ values, source_type }) {
    const sources = Object.entries(values).map(([label, source]) => {
      return { setter: new LabelSetter(label), source: source || label };
    });
    const find = source_type === "extracted" ? extractedValue : metadataValue;
    return changing((entry) => {
      for (const { setter, source } of sources) {
        const value = find(entry, source);
        if (value !== undefined) entry.labels = setter.set(entry.labels, value);
      }
    });
  },
};

function extractedValue({ extracted }: Entry, name: string): string | undefined {
  return extracted[name];
}

function metadataValue({ metadata }: Entry, name: string): string | undefined {
  return labelValue(metadata, name) || undefined;
}
