import { splitJsonArray } from "../../../formats/log-line/json-array.ts";
import { cloneEntry, sourceText } from "../entry.ts";
import type { StageKind } from "../stage.ts";

export interface SplitJsonOptions {
  readonly source: string;
}

/** An entry for each element of an array, exactly as it is written there; what holds no array passes as it is. */
export const splitJson: StageKind<SplitJsonOptions> = {
  name: "split_json",
  create({ source }) {
    return {
      process: (entries) =>
        entries.flatMap((entry) => {
          const elements = splitJsonArray(sourceText(entry, source) ?? "");
          return elements === undefined ? entry : elements.map((line) => ({ ...cloneEntry(entry), line }));
        }),
    };
  },
};
