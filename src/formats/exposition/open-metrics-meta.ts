import { isUtf8 } from "node:buffer";
import { openMetricsType } from "./exposed-type.ts";
import { ExpositionError } from "./exposition-error.ts";
import { type Kind, metaLine, typeLine } from "./series-cache.ts";

const form = /^# (HELP|TYPE|UNIT) (?:([a-zA-Z_:][a-zA-Z0-9_:]*)|"((?:\\[^\n\0]|[^\\"\0])*)") ([^\n]*)$/;

/** Checks the HELP, TYPE or UNIT line between `start` and `end`, and says what it declares. */
export function metaKind(bytes: Buffer, start: number, end: number): Kind {
  const [matched, word, plainName, quotedName = "", text = ""] = form.exec(bytes.toString("latin1", start, end)) ?? [];
  if (matched === undefined) {
    throw new ExpositionError(
      "expected # HELP, # TYPE, # UNIT or # EOF, a name, and a text, with single spaces between",
    );
  }
  if (word === "TYPE") {
    const type = openMetricsType(text);
    if (type === undefined) throw new ExpositionError(`invalid metric type "${text}"`);
    return typeLine(type);
  }
  const name = plainName ?? quotedName;
  if (word === "UNIT" && text !== "" && !name.endsWith(`_${text}`)) {
    throw new ExpositionError(`the name ${name} does not end with its unit, _${text}`);
  }
  if (word === "HELP" && !isUtf8(bytes.subarray(end - text.length, end))) {
    throw new ExpositionError("invalid UTF-8 in HELP");
  }
  return metaLine;
}
