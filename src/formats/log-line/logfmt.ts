/**
 * The pairs of a line of logfmt, by go-logfmt's rules: pairs are divided by blanks and control characters, a key without
 * `=` has the value "", and a quoted value is a JSON string. What comes after a mistake is not read; the pairs before it
 * are kept, as the logfmt stage of promtail does.
 */
export function parseLogfmt(text: string): Array<[key: string, value: string]> {
  const pairs: Array<[string, string]> = [];
  for (const line of text.split("\n")) {
    if (!readLine(line, pairs)) break;
  }
  return pairs;
}

/** A key, then nothing, a quoted value, or a bare value; the key and the bare value end at a blank. */
const pair = /[\0- ]*([^\0- ="]+)(?:=(?:("[^"\\]*(?:\\.[^"\\]*)*")|([^\0- ="]*)(?=[\0- ]|$))|(?=[\0- ]|$))/gsy;

/** Whether the line was read to its end. */
function readLine(line: string, pairs: Array<[string, string]>): boolean {
  let end = 0;
  for (const { 0: match, 1: key = "", 2: quoted, 3: bare = "", index } of line.matchAll(pair)) {
    const value = quoted === undefined ? bare : unquote(quoted);
    if (key.includes("\ufffd") || value === undefined) return false;
    pairs.push([key, value]);
    end = index + match.length;
  }
  return /^[\0- ]*$/.test(line.slice(end));
}

/** Without an escape any character may stand between the quotes; with one it must be a JSON string. */
function unquote(quoted: string): string | undefined {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted.replaceAll(/\\(?:(')|.)/gs, (whole, quote) => quote ?? whole)).toWellFormed();
  } catch {
    return undefined;
  }
}
