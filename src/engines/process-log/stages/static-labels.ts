import { withLabel } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";

export interface StaticLabelsOptions {
  readonly values: Readonly<Record<string, string>>;
}

export const staticLabels: StageKind<StaticLabelsOptions> = {
  name: "static_labels",
  create({ values }) {
    const labels = Object.entries(values).filter(([, value]) => value !== "");
    return changing((entry) => {
      for (const [name, value] of labels) entry.labels = withLabel(entry.labels, name, value);
    });
  },
};
