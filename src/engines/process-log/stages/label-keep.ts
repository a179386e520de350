import { withoutLabels } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";
import type { NameListOptions } from "./label-drop.ts";

export const labelKeep: StageKind<NameListOptions> = {
  name: "label_keep",
  create({ values }) {
    const names = new Set(values);
    return changing((entry) => {
      entry.labels = withoutLabels(entry.labels, (name) => !names.has(name));
    });
  },
};
