import { compileRe2, firstSpanText } from "../../../lib/re2.ts";
import { sourceText, withLabel } from "../entry.ts";
import { changing, OptionError, readOption, type StageKind } from "../stage.ts";

export interface RegexOptions {
  readonly expression: string;
  readonly source: string;
  readonly labels_from_groups: boolean;
}

/** The named groups of the first match; one that took no part in it is "". */
export const regex: StageKind<RegexOptions> = {
  name: "regex",
  create({ expression, source, labels_from_groups }) {
    if (expression === "") throw new OptionError(["expression"], "must not be empty");
    const re = readOption(["expression"], "an RE2 expression", () => compileRe2(expression));
    return changing((entry) => {
      const text = sourceText(entry, source);
      const spans = text === undefined ? undefined : re.find(text);
      if (text === undefined || spans === undefined) return;
      for (const [name, groups] of re.groups) {
        const value = firstSpanText(text, spans, groups);
        entry.extracted[name] = value;
        if (labels_from_groups) entry.labels = withLabel(entry.labels, name, value);
      }
    });
  },
};
