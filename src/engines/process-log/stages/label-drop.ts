import { withoutLabels } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";

export interface NameListOptions {
  readonly values: readonly string[];
}

export const labelDrop: StageKind<NameListOptions> = {
  name: "label_drop",
  create({ values }) {
    const names = new Set(values);
    return changing((entry) => {
      entry.labels = withoutLabels(entry.labels, (name) => names.has(name));
    });
  },
};
