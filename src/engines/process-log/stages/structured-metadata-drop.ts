import { withoutLabels } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";
import type { NameListOptions } from "./label-drop.ts";

export const structuredMetadataDrop: StageKind<NameListOptions> = {
  name: "structured_metadata_drop",
  create({ values }) {
    const names = new Set(values);
    return changing((entry) => {
      entry.metadata = withoutLabels(entry.metadata, (name) => names.has(name));
    });
  },
};
