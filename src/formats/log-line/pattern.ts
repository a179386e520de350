/** The named captures of a line; undefined if the pattern does not match it. */
export type Pattern = (line: string) => Map<string, string> | undefined;

/**
 * Loki's pattern expressions, `<ip> - <_> [<time>] "<method> `: captures with literal text between them. Text in front must
 * open the line; each capture reaches to the text that follows it, or to the end of the line where that text does not come
 * any more, and later captures are then absent. `<_>` matches without a name.
 *
 * Throws an Error if there is no named capture, two of one name, or two without text between them.
 */
export function compilePattern(text: string): Pattern {
  const [start = "", ...rest] = text.split(/<([A-Za-z_][A-Za-z0-9_]*)>/);
  const captures: Capture[] = [];
  for (let at = 0; at < rest.length; at += 2) captures.push({ name: rest[at] ?? "", until: rest[at + 1] ?? "" });
  check(captures);
  return (line) => (line !== "" && line.startsWith(start) ? capture(line, start.length, captures) : undefined);
}

interface Capture {
  readonly name: string;
  /** The literal text behind it; "" at the end of the pattern. */
  readonly until: string;
}

function check(captures: readonly Capture[]): void {
  const names = captures.map(({ name }) => name).filter((name) => name !== "_");
  if (names.length === 0) throw new Error("a pattern needs at least one named capture, such as <name>");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`the capture <${twice}> is there twice`);
  const touching = captures.findIndex(({ until }, at) => until === "" && at < captures.length - 1);
  if (touching < 0) return;
  throw new Error(`no text between <${captures[touching]?.name}> and <${captures[touching + 1]?.name}>`);
}

function capture(line: string, start: number, captures: readonly Capture[]): Map<string, string> {
  const found = new Map<string, string>();
  let from = start;
  for (const { name, until } of captures) {
    const end = until === "" ? -1 : line.indexOf(until, from);
    if (name !== "_") found.set(name, end < 0 ? line.slice(from) : line.slice(from, end));
    if (end < 0) break;
    from = end + until.length;
  }
  return found;
}
