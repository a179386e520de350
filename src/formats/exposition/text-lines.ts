import type { Body } from "./body.ts";
import { ExpositionError } from "./exposition-error.ts";
import type { Rows } from "./rows.ts";
import type { SeriesCache } from "./series-cache.ts";
import type { SkippedLines } from "./skipped-lines.ts";

/** Reads a page into rows up to the first mistake, which it returns; or over all mistakes, which it tells `skipped`. */
export type Scan = (body: Body, cache: SeriesCache, rows: Rows, skipped?: SkippedLines) => ExpositionError | undefined;

export interface LineScanner {
  /** Reads on to the end, or throws an ExpositionError for the line that it stands in. */
  scan(): void;
  /** Where the line that was read last begins. */
  readonly line: number;
  /** Goes on behind the line that was read last. */
  skipLine(): void;
}

export function scanLines(scanner: LineScanner, bytes: Buffer, skipped?: SkippedLines): ExpositionError | undefined {
  for (let mistake = nextMistake(scanner); mistake !== undefined; mistake = nextMistake(scanner)) {
    // Counting lines takes time, and only one mistake is shown.
    const isShown = skipped === undefined || skipped.count === 0;
    const shown = isShown ? new ExpositionError(mistake.message, lineNumber(bytes, scanner.line)) : mistake;
    if (skipped === undefined) return shown;
    if (!skipped.add(shown)) return skipped.first;
    scanner.skipLine();
  }
  return undefined;
}

function nextMistake(scanner: LineScanner): ExpositionError | undefined {
  try {
    scanner.scan();
    return undefined;
  } catch (error) {
    if (error instanceof ExpositionError) return error;
    throw error;
  }
}

function lineNumber(bytes: Buffer, start: number): number {
  let lines = 1;
  for (let at = 0; at < start; at++) if (bytes[at] === 0x0a) lines++;
  return lines;
}

/** Behind the brace that closes what opens at `start`, or -1 where none does: only strings may hold newlines. */
export function endOfBraces(bytes: Buffer, start: number, limit: number): number {
  let quoted = false;
  for (let at = start; at < limit; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) quoted = !quoted;
    else if (quoted && byte === 0x5c) at++;
    else if (!quoted && byte === 0x7d) return at + 1;
    else if (!quoted && byte === 0x0a) return -1;
  }
  return -1;
}

/** Behind the string that begins here, if one does and ends: it may hold newlines. */
export function skipQuoted(bytes: Buffer, start: number, limit: number): number {
  if (bytes[start] !== 0x22) return start;
  for (let at = start + 1; at < limit; at++) {
    if (bytes[at] === 0x22) return at + 1;
    if (bytes[at] === 0x5c) at++;
  }
  return start;
}

export function noValue(bytes: Buffer, start: number, end: number): ExpositionError {
  const text = bytes.toString("latin1", start, Math.min(end, start + 50));
  return new ExpositionError(text === "" ? "expected a value" : `expected a value, found ${JSON.stringify(text)}`);
}
