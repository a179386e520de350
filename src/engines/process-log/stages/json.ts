import { type JsonObject, jsonText, parseJsonObject } from "../../../formats/log-line/json-extract.ts";
import { compileRe2, type Re2 } from "../../../lib/re2.ts";
import { type Entry, setExtracted, sourceText } from "../entry.ts";
import { compileLookups } from "../json-lookups.ts";
import { keeping, OptionError, readOption, type StageKind } from "../stage.ts";

export interface JsonOptions {
  /** Name to JMESPath; "" is the name itself. */
  readonly expressions: Readonly<Record<string, string>>;
  /** Of the top level's keys that are taken under their own names. */
  readonly regex: string;
  readonly source: string;
  readonly drop_malformed: boolean;
}

export const json: StageKind<JsonOptions> = {
  name: "json",
  create({ expressions, regex, source, drop_malformed }, { counts }) {
    const lookups = compileLookups(expressions, "expressions");
    if (lookups.length === 0 && regex === "") throw new OptionError([], "needs expressions or a regex");
    const names = regex === "" ? undefined : readOption(["regex"], "an RE2 expression", () => compileRe2(regex));
    return keeping((entry) => {
      const text = sourceText(entry, source);
      if (text === undefined) return true;
      const document = parseJsonObject(text);
      if (document === undefined) {
        if (drop_malformed) counts.dropped("malformed_json");
        return !drop_malformed;
      }
      for (const [name, find] of lookups) setExtracted(entry, name, find(document));
      if (names !== undefined) takeMatching(entry, document, names);
      return true;
    });
  },
};

function takeMatching(entry: Entry, document: JsonObject, names: Re2): void {
  for (const [key, value] of Object.entries(document)) {
    if (names.test(key)) setExtracted(entry, key, jsonText(value));
  }
}
