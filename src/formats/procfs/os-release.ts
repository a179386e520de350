import { lines, malformed } from "./text.ts";

/** The assignments of an os-release file (os-release(5)), shell quoting undone. A line that is none fails the file. */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines(text)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const [, name, quoted] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(trimmed) ?? [];
    if (name === undefined || quoted === undefined) throw malformed("os-release", line);
    values.set(name, unquote(quoted, line));
  }
  return values;
}

/** Quoted and bare parts may follow one another; an unquoted blank ends the value and only a comment may follow. */
function unquote(quoted: string, line: string): string {
  const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^'"\\\s]|\\.)+)/y;
  let value = "";
  let end = 0;
  for (let match = part.exec(quoted); match !== null; match = part.exec(quoted)) {
    const [, single, double, bare] = match;
    value += single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? bare?.replace(/\\(.)/g, "$1") ?? "";
    end = part.lastIndex;
  }
  if (!/^\s*(#.*)?$/.test(quoted.slice(end))) throw malformed("os-release", line);
  return value;
}
