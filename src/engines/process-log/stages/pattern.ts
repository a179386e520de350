import { compilePattern } from "../../../formats/log-line/pattern.ts";
import { sourceText, withLabel } from "../entry.ts";
import { changing, readOption, type StageKind } from "../stage.ts";

export interface PatternOptions {
  readonly pattern: string;
  readonly source: string;
  readonly labels_from_groups: boolean;
}

export const pattern: StageKind<PatternOptions> = {
  name: "pattern",
  create({ pattern: text, source, labels_from_groups }) {
    const match = readOption(["pattern"], "a pattern", () => compilePattern(text));
    return changing((entry) => {
      const captures = match(sourceText(entry, source) ?? "");
      for (const [name, value] of captures ?? []) {
        entry.extracted[name] = value;
        if (labels_from_groups) entry.labels = withLabel(entry.labels, name, value);
      }
    });
  },
};
