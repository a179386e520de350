import { parseLogfmt } from "../../../formats/log-line/logfmt.ts";
import { compileRe2 } from "../../../lib/re2.ts";
import { sourceText } from "../entry.ts";
import { changing, OptionError, readOption, type StageKind } from "../stage.ts";

export interface LogfmtOptions {
  /** Name to key; "" is the name itself. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Of the keys that are taken under their own names. */
  readonly regex: string;
  readonly source: string;
}

export const logfmt: StageKind<LogfmtOptions> = {
  name: "logfmt",
  create({ mapping, regex, source }) {
    const names = new Map(Object.entries(mapping).map(([name, key]) => [key || name, name]));
    if (names.size === 0 && regex === "") throw new OptionError([], "needs a mapping or a regex");
    const keys = regex === "" ? undefined : readOption(["regex"], "an RE2 expression", () => compileRe2(regex));
    return changing((entry) => {
      const text = sourceText(entry, source);
      if (text === undefined) return;
      for (const [key, value] of parseLogfmt(text)) {
        const name = names.get(key);
        if (name !== undefined) entry.extracted[name] = value;
        if (keys?.test(key)) entry.extracted[key] = value;
      }
    });
  },
};
