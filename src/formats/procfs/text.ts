/** What the readers of procfs share: lines, words, numbers, bytes. */

/** The lines without their newlines; an empty text has none. */
export function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, stop);
    start = stop + 1;
  }
}

/** The words of a line: what runs of white space separate. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
}

/** A decimal number of the kernel. Beyond 2^53 it is rounded as a uint64 turned into a double is. */
export function unsigned(text: string | undefined, file: string, line: string): number {
  if (text === undefined || !/^[0-9]+$/.test(text)) throw malformed(file, line);
  return Number(text);
}

/** The same with a sign. */
export function signed(text: string | undefined, file: string, line: string): number {
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) throw malformed(file, line);
  return Number(text);
}

/** A number in hexadecimal without its 0x. */
export function hexadecimal(text: string | undefined, file: string, line: string): number {
  if (text === undefined || !/^[0-9A-Fa-f]+$/.test(text)) throw malformed(file, line);
  return Number(`0x${text}`);
}

/** A number of sysfs in any of C's notations (`0x1003`, `010`, `-1`); undefined if it is none. */
export function integer(text: string): number | undefined {
  const [, sign, digits = ""] = /^([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.exec(text) ?? [];
  if (digits === "") return undefined;
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return sign === "-" ? -value : value;
}

export function malformed(file: string, line: string): Error {
  const shown = line.length > 120 ? `${line.slice(0, 120)}…` : line;
  return new Error(`cannot parse ${file}: unexpected line ${JSON.stringify(shown)}`);
}

/**
 * A byte string (one character per byte) as the text it is in UTF-8. A run of invalid bytes becomes one U+FFFD, as
 * node_exporter has it since 1.12.
 */
export function utf8(byteString: string): string {
  if (isAscii(byteString)) return byteString;
  return Buffer.from(byteString, "latin1")
    .toString("utf8")
    .replace(/\uFFFD+/g, "\uFFFD");
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
