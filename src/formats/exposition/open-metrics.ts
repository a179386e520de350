import type { Body } from "./body.ts";
import type { ExposedType } from "./exposed-type.ts";
import { ExpositionError } from "./exposition-error.ts";
import { NumberReader } from "./number.ts";
import { ExemplarReader } from "./open-metrics-exemplar.ts";
import { metaKind } from "./open-metrics-meta.ts";
import { milliseconds } from "./open-metrics-time.ts";
import { parseOpenMetricsSeries } from "./parse-series.ts";
import type { RowExemplar, Rows } from "./rows.ts";
import { declaredType, isSeries, type Kind, type SeriesCache, seriesOf } from "./series-cache.ts";
import type { SkippedLines } from "./skipped-lines.ts";
import { endOfBraces, type LineScanner, noValue, scanLines, skipQuoted } from "./text-lines.ts";

/**
 * OpenMetrics' bytes to rows, by the same trick as the text format's (scan.ts): the guessed entry is compared as a
 * whole, together with the one space that must follow, and the number is read.
 *
 *     http_requests_total{code="200"}␠1.5␠1700000000.25␠# {trace_id="4bf9"}␠0.7␠1700000000⏎
 *     └──────── guessed entry ───────┘└┬┘ └── seconds ─┘ └────────── exemplar ───────────┘
 *                                    number
 *     # EOF                                                     ends the page, and nothing may follow
 *
 * Single spaces, no empty lines, no comments: the grammar is that of Prometheus' lexer, which reads both versions of
 * the format and enforces none of the rules about families. What comes out equals test/reference/open-metrics.ts;
 * bench/micro/scan.ts has the cost per sample. Mistakes are treated as by `scanText`.
 */
export function scanOpenMetrics(
  body: Body,
  cache: SeriesCache,
  rows: Rows,
  skipped?: SkippedLines,
): ExpositionError | undefined {
  return scanLines(new OpenMetricsScanner(body, cache, rows, skipped === undefined), body.bytes, skipped);
}

const noEntry = -1;

class OpenMetricsScanner implements LineScanner {
  readonly #body: Body;
  readonly #bytes: Buffer;
  /** Behind the last newline of the content: only `# EOF` may go without one. */
  readonly #limit: number;
  readonly #cache: SeriesCache;
  readonly #rows: Rows;
  readonly #keepsUnfinished: boolean;
  readonly #number = new NumberReader();
  readonly #exemplar = new ExemplarReader();
  #line = 0;
  #at = 0;
  #type: ExposedType = "unknown";
  #hasEnded = false;

  constructor(body: Body, cache: SeriesCache, rows: Rows, keepsUnfinished: boolean) {
    this.#body = body;
    this.#bytes = body.bytes;
    this.#limit = body.content().lastIndexOf(0x0a) + 1;
    this.#cache = cache;
    cache.open(body);
    this.#rows = rows;
    this.#keepsUnfinished = keepsUnfinished;
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
    this.#checkEnd();
  }

  get line(): number {
    return this.#line;
  }

  skipLine(): void {
    if (this.#line < this.#limit) this.#at = this.#bytes.indexOf(0x0a, this.#line) + 1;
    else this.#hasEnded = true;
  }

  #passMeta(entry: number, kind: Kind): void {
    this.#type = declaredType(kind) ?? this.#type;
    this.#rows.mark(entry);
  }

  /** The value behind an entry's text, and what stands behind the value. */
  #readSample(entry: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    const value = this.#number.read(bytes, at);
    const end = this.#number.end;
    if (value === undefined) throw noValue(bytes, at, end);
    if (bytes[end] !== 0x0a) {
      this.#readRest(entry, value, end);
      return;
    }
    this.#rows.push(entry, value, Number.NaN);
    this.#at = end + 1;
  }

  /** A timestamp, an exemplar, or both. */
  #readRest(entry: number, value: number, start: number): void {
    const bytes = this.#bytes;
    let at = start;
    let timestamp = Number.NaN;
    // Upstream notices what is no token only behind the sample, which counts as one that stood before the mistake.
    if (this.#keepsUnfinished && endsInNoToken(bytes, at)) this.#rows.push(entry, value, timestamp);
    if (bytes[at] === 0x20 && bytes[at + 1] !== 0x23) {
      timestamp = milliseconds(this.#number.read(bytes, at + 1));
      at = this.#number.end;
    }
    let end = at;
    let exemplar: Omit<RowExemplar, "row"> | undefined;
    if (bytes[at] !== 0x0a) {
      end = bytes.indexOf(0x0a, at);
      exemplar = this.#exemplar.read(bytes, at, end);
    }
    if (exemplar !== undefined) this.#rows.exemplars.push({ row: this.#rows.length, ...exemplar });
    this.#rows.push(entry, value, timestamp);
    this.#at = end + 1;
  }

  /**
   * The entry whose text stands here, which was not guessed; noEntry for the page's end. Afterwards `#at` is behind that
   * text and the byte that must follow it.
   */
  #readHead(): number {
    return this.#bytes[this.#at] === 0x23 ? this.#readMeta() : this.#readSeries();
  }

  #readSeries(): number {
    const start = this.#at;
    const keyEnd = this.#endOfKey(start);
    let end = keyEnd;
    let entry = this.#cache.find(this.#body, start, keyEnd);
    if (entry < 0) {
      const series = parseOpenMetricsSeries(this.#bytes, start, this.#limit, this.#type);
      end = series.end;
      if (end !== keyEnd) entry = this.#cache.find(this.#body, start, end);
      if (entry < 0) entry = this.#cache.add(this.#body, start, end, seriesOf(this.#type));
    }
    if (this.#bytes[end] !== 0x20) throw noValue(this.#bytes, end, this.#bytes.indexOf(0x0a, end));
    this.#at = end + 1;
    return entry;
  }

  /** Where a well-formed key would end: behind the name, or behind the brace that closes its labels. */
  #endOfKey(start: number): number {
    const bytes = this.#bytes;
    let end = start;
    while (bytes[end]! > 0x20 && bytes[end] !== 0x7b) end++;
    if (bytes[end] !== 0x7b) return end;
    const behind = endOfBraces(bytes, end, this.#limit);
    return behind < 0 ? end : behind;
  }

  /** HELP, TYPE and UNIT lines are kept as entries, because they come again. */
  #readMeta(): number {
    const start = this.#at;
    if (this.#isEnd(start)) return noEntry;
    const quoted = skipQuoted(this.#bytes, start + "# HELP ".length, this.#limit);
    const end = this.#bytes.indexOf(0x0a, quoted);
    const known = this.#cache.find(this.#body, start, end);
    const entry = known >= 0 ? known : this.#cache.add(this.#body, start, end, metaKind(this.#bytes, start, end));
    this.#at = end + 1;
    return entry;
  }

  /** Whether the page ends here as it must. */
  #isEnd(start: number): boolean {
    if (this.#bytes.toString("latin1", start, start + 6) !== "# EOF\n") return false;
    this.#at = start + 6;
    // Upstream's lexer takes a NUL for the end of the page.
    if (this.#at < this.#body.length && this.#bytes[this.#at] !== 0)
      throw new ExpositionError("there is something behind # EOF");
    this.#at = this.#body.length + 1;
    this.#hasEnded = true;
    return true;
  }

  /** Behind the last newline. */
  #checkEnd(): void {
    if (this.#hasEnded) return;
    this.#line = this.#limit;
    if (this.#bytes.toString("latin1", this.#limit, this.#body.length) === "# EOF") return;
    throw new ExpositionError("the page does not end with # EOF");
  }
}

/** Whether there are two spaces, a space at the end of the line, or `# ` without a brace. */
function endsInNoToken(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x20) return false;
  const next = bytes[at + 1];
  return next === 0x20 || next === 0x0a || (next === 0x23 && bytes[at + 2] === 0x20 && bytes[at + 3] !== 0x7b);
}
