import { isUtf8 } from "node:buffer";
import type { Body } from "./body.ts";
import { type ExposedType, textType } from "./exposed-type.ts";
import { ExpositionError } from "./exposition-error.ts";
import { NumberReader } from "./number.ts";
import { parseSeries } from "./parse-series.ts";
import type { Rows } from "./rows.ts";
import { declaredType, isSeries, type Kind, metaLine, type SeriesCache, seriesOf, typeLine } from "./series-cache.ts";
import type { SkippedLines } from "./skipped-lines.ts";
import { endOfBraces, type LineScanner, noValue, scanLines, skipQuoted } from "./text-lines.ts";

/**
 * Bytes to rows, in one pass and without a string or an object per line:
 *
 *     http_requests_total{code="200"}␠1.5␠1700000000000⏎
 *     └──────── guessed entry ───────┘└┬┘ └─────┬─────┘
 *       compared as a whole by         │        timestamp: only where there is one
 *       SeriesCache                    number: NumberReader
 *
 * A line that is not the guessed one is read with care: its key is looked up, and only a key that was never seen is
 * parsed. What comes out equals test/reference/exposition.ts; bench/micro/scan.ts has the cost per sample.
 *
 * Adds to `rows` what stands before the first mistake, and returns the mistake; or leaves out the lines with mistakes.
 */
export function scanText(
  body: Body,
  cache: SeriesCache,
  rows: Rows,
  skipped?: SkippedLines,
): ExpositionError | undefined {
  return scanLines(new TextScanner(body, cache, rows), body.bytes, skipped);
}

const noEntry = -1;

class TextScanner implements LineScanner {
  readonly #body: Body;
  readonly #bytes: Buffer;
  readonly #limit: number;
  readonly #cache: SeriesCache;
  readonly #rows: Rows;
  readonly #number = new NumberReader();
  #line = 0;
  #at = 0;
  #type: ExposedType = "untyped";

  constructor(body: Body, cache: SeriesCache, rows: Rows) {
    this.#body = body;
    this.#bytes = body.bytes;
    // The newline that the body keeps behind its content belongs to what is read.
    this.#limit = body.length + 1;
    this.#cache = cache;
    cache.open(body);
    this.#rows = rows;
  }

  scan(): void {
    const cache = this.#cache;
    const body = this.#body;
    const limit = this.#limit;
    let previous = 0;
    while (this.#at < limit) {
      this.#line = this.#at;
      let entry = cache.next(previous);
      if (cache.matches(entry, body, this.#at, limit)) {
        this.#at += cache.length(entry);
      } else {
        entry = this.#readHead();
        if (entry === noEntry) continue;
        cache.follow(previous, entry);
      }
      previous = entry;
      const kind = cache.kind(entry);
      if (isSeries(kind)) this.#readSample(entry);
      else this.#passMeta(entry, kind);
    }
  }

  get line(): number {
    return this.#line;
  }

  skipLine(): void {
    this.#at = this.#bytes.indexOf(0x0a, this.#line) + 1;
  }

  #passMeta(entry: number, kind: Kind): void {
    this.#type = declaredType(kind) ?? this.#type;
    this.#rows.mark(entry);
  }

  /** The value and the timestamp behind an entry's text. */
  #readSample(entry: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    const value = this.#number.read(bytes, at);
    if (value === undefined) {
      if (bytes[at] !== 0x7b) throw noValue(bytes, at, this.#number.end);
      this.#readAgain(entry, at);
      return;
    }
    const end = this.#number.end;
    if (bytes[end] !== 0x0a) {
      this.#readTimestamp(entry, value, end);
      return;
    }
    this.#rows.push(entry, value, Number.NaN);
    this.#at = end + 1;
  }

  /** A brace instead of a number: the guess was a name whose labels come only now, as in `name {a="b"} 1`. */
  #readAgain(guess: number, at: number): void {
    this.#at = this.#line;
    const entry = this.#readHead();
    if (entry === guess) throw noValue(this.#bytes, at, this.#number.end);
    this.#readSample(entry);
  }

  #readTimestamp(entry: number, value: number, start: number): void {
    const bytes = this.#bytes;
    let at = this.#skipSpace(start);
    const digits = at;
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
    const timestamp = at === digits ? Number.NaN : milliseconds(bytes.toString("latin1", digits, at));
    at = this.#skipSpace(at);
    if (bytes[at] !== 0x0a) throw new ExpositionError("expected a timestamp of digits or the end of the line");
    this.#rows.push(entry, value, timestamp);
    this.#at = at + 1;
  }

  /**
   * The entry whose text stands here, which was not guessed; noEntry for lines that say nothing. Afterwards `#at` is
   * where that text ends, or the next line begins.
   */
  #readHead(): number {
    const at = this.#skipSpace(this.#at);
    switch (this.#bytes[at]) {
      case 0x0a:
        this.#at = at + 1;
        return noEntry;
      case 0x00:
        return this.#stop();
      case 0x23:
        return this.#readComment(at);
      default:
        return this.#readSeries();
    }
  }

  #readSeries(): number {
    const start = this.#at;
    const keyEnd = this.#endOfKey(start);
    let entry = this.#cache.find(this.#body, start, keyEnd);
    this.#at = keyEnd;
    if (entry >= 0) return entry;

    const { end } = parseSeries(this.#bytes, start, this.#limit, this.#type);
    this.#at = end;
    if (end !== keyEnd) entry = this.#cache.find(this.#body, start, end);
    return entry >= 0 ? entry : this.#cache.add(this.#body, start, end, seriesOf(this.#type));
  }

  /** Where a well-formed key would end: behind the name, or behind the brace that closes its labels. */
  #endOfKey(start: number): number {
    const bytes = this.#bytes;
    let end = this.#skipSpace(start);
    while (bytes[end]! > 0x20 && bytes[end] !== 0x7b) end++;
    const at = this.#skipSpace(end);
    if (bytes[at] !== 0x7b) return end;
    const behind = endOfBraces(bytes, at, this.#limit);
    return behind < 0 ? end : behind;
  }

  /** A comment: HELP and TYPE lines are kept as entries, because they come again. */
  #readComment(hash: number): number {
    const word = this.#skipSpace(hash + 1);
    const isMeta = word > hash + 1 && (this.#isWord(word, "HELP") || this.#isWord(word, "TYPE"));
    if (!isMeta) return this.#skipComment(hash, word);

    const end = this.#bytes.indexOf(0x0a, skipQuoted(this.#bytes, this.#skipSpace(word + 4), this.#limit));
    const start = this.#at;
    this.#at = end + 1;
    const known = this.#cache.find(this.#body, start, end);
    return known >= 0 ? known : this.#cache.add(this.#body, start, end, this.#metaKind(word, end));
  }

  /** NUL is fine in a comment, except where upstream's lexer takes it for the end: nowhere behind `# `. */
  #skipComment(hash: number, word: number): number {
    const end = this.#bytes.indexOf(0x0a, hash);
    const ends = word === hash + 1 ? this.#bytes.subarray(word, end).includes(0) : this.#bytes[word] === 0;
    if (ends) return this.#stop();
    this.#at = end + 1;
    this.#rows.mark(noEntry);
    return noEntry;
  }

  /** Checks `HELP name text` or `TYPE name type`. */
  #metaKind(word: number, end: number): number {
    const isHelp = this.#bytes[word] === 0x48;
    const line = this.#bytes.toString("latin1", word, end);
    const [matched, text = ""] = metaText.exec(line) ?? [];
    if (matched === undefined) throw new ExpositionError(`expected a metric name behind ${isHelp ? "HELP" : "TYPE"}`);
    if (isHelp) {
      if (isUtf8(this.#bytes.subarray(end - Math.max(0, text.length - 1), end))) return metaLine;
      throw new ExpositionError("invalid UTF-8 in HELP");
    }
    const type = textType(text.slice(1));
    if (type === undefined) throw new ExpositionError(`invalid metric type "${text.slice(1)}"`);
    return typeLine(type);
  }

  /** Upstream's lexer takes a NUL at the start of a line for the end of the body. */
  #stop(): number {
    this.#at = this.#limit;
    return noEntry;
  }

  #isWord(at: number, word: string): boolean {
    const behind = this.#bytes[at + 4];
    return this.#bytes.toString("latin1", at, at + 4) === word && (behind === 0x20 || behind === 0x09);
  }

  #skipSpace(start: number): number {
    let at = start;
    while (this.#bytes[at] === 0x20 || this.#bytes[at] === 0x09) at++;
    return at;
  }
}

/** From HELP or TYPE on; the text keeps the one byte, whatever it is, that separates it from the name. */
const metaText = /^(?:HELP|TYPE)[ \t]+(?:[a-zA-Z_:][a-zA-Z0-9_:]*|"(?:\\[^\n\0]|[^\\"\0])*")(?:[ \t]*$|([\s\S]*)$)/;

/** Digits only, as far as a signed 64-bit integer goes. */
function milliseconds(digits: string): number {
  if (digits.length > 15 && BigInt(digits) > 0x7fff_ffff_ffff_ffffn)
    throw new ExpositionError("timestamp out of range");
  return Number(digits);
}
