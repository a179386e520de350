import { redactLuhn } from "../../../formats/log-line/luhn.ts";
import { compileRe2 } from "../../../lib/re2.ts";
import { sourceText } from "../entry.ts";
import { changing, readOption, type StageKind } from "../stage.ts";

export interface LuhnStageOptions {
  readonly source: string;
  readonly replacement: string;
  readonly min_length: number;
  readonly delimiters: string;
  readonly skip_regex: string;
}

/** The redacted text of a source becomes the line, as in Alloy. */
export const luhn: StageKind<LuhnStageOptions> = {
  name: "luhn",
  create({ source, skip_regex: skip, ...options }) {
    const skip_regex =
      skip === "" ? undefined : readOption(["skip_regex"], "an RE2 expression", () => compileRe2(skip));
    return changing((entry) => {
      const text = sourceText(entry, source);
      if (text !== undefined) entry.line = redactLuhn(text, { ...options, skip_regex });
    });
  },
};
