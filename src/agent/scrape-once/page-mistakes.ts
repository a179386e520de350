/** What cannot be read of a page. */
export interface PageMistakes {
  /** Lines, or messages of protobuf. */
  readonly count: number;
  readonly first: PageMistake | undefined;
}

export interface PageMistake {
  readonly message: string;
  /** Counted from 1; undefined where the page has no lines. */
  readonly line: number | undefined;
  /** The line itself. */
  readonly text: string | undefined;
  /** Counted from 1; undefined where it is not known. */
  readonly column: number | undefined;
}

/** `told` is the message of an ExpositionError, which begins with the line where there are lines. */
export function pageMistake(told: string, page: string): PageMistake {
  const [, number, message = told] = /^line (\d+): ([\s\S]*)$/.exec(told) ?? [];
  if (number === undefined) return { message, line: undefined, text: undefined, column: undefined };
  const line = Number(number);
  const text = page.split("\n")[line - 1] ?? "";
  return { message, line, text, column: columnOf(message, text) };
}

/** Messages quote what they mind; where that stands in the line once, it is clear where. */
function columnOf(message: string, line: string): number | undefined {
  if (/the end of the line$|^expected a value$/.test(message)) return line.length + 1;
  const [quoted] = /"(?:[^"\\]|\\.)*"$/.exec(message) ?? [];
  if (quoted === undefined) return undefined;
  const found = JSON.parse(quoted) as string;
  const at = line.indexOf(found);
  return found === "" || at < 0 || line.includes(found, at + 1) ? undefined : at + 1;
}
