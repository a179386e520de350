import type { YamlRange } from "../../../lib/yaml.ts";

/** A word of a command line, and where it stands. */
export interface Word {
  readonly text: string;
  readonly range: YamlRange;
}

/**
 * The flags in a text: of a systemd unit those behind `ExecStart=`, of a file of variables (`ARGS="…"`, as in /etc/default)
 * those in the values, and else all words. Quotes and backslashes are read as a shell does; `#` begins a comment where
 * it begins a line.
 */
export function flagWords(text: string): Word[] {
  const lines = text.split("\n");
  const isUnit = lines.some((line) => /^\s*ExecStart\s*=/.test(line));
  const words: Word[] = [];
  let continues = false;
  for (const [at, line] of lines.entries()) {
    const [, assigned = ""] = /^(\s*(?:export\s+)?[A-Za-z_]\w*\s*=)/.exec(line) ?? [];
    const counts: boolean = continues || !isUnit || /^\s*ExecStart\s*=/.test(line);
    continues = counts && /\\\s*$/.test(line);
    if (!counts || /^\s*[#;]/.test(line)) continue;
    const body = line.replace(/\\\s*$/, "");
    words.push(...wordsOf(unquoted(body, assigned), at + 1));
  }
  // What comes before the first flag is the program.
  return words.slice(
    Math.max(
      0,
      words.findIndex(({ text: word }) => word.startsWith("-")),
    ),
  );
}

/** The line with the name of a variable, and the quotes around its whole value, blanked: columns stay. */
function unquoted(line: string, assigned: string): string {
  const value = line.slice(assigned.length);
  const blank = " ".repeat(assigned.length);
  const quoted = assigned === "" ? null : /^\s*(["'])(.*)\1\s*$/.exec(value);
  return quoted === null ? blank + value : `${blank}${" ".repeat(value.indexOf(quoted[1] ?? "") + 1)}${quoted[2]}`;
}

function wordsOf(line: string, number: number): Word[] {
  const pattern = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
  return [...line.matchAll(pattern)].map(({ 0: raw, index }) => ({
    text: raw.replaceAll(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, unquote),
    range: { line: number, column: index + 1, length: raw.length },
  }));
}

function unquote(_: string, escaped?: string, double?: string, single?: string): string {
  // Inside double quotes a backslash escapes only what would end them, so that it can stay in a regular expression.
  return escaped ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? single ?? "";
}
