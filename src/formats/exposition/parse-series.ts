import { isUtf8 } from "node:buffer";
import { formatFloatLabel, parseGoFloat } from "../../lib/go-float.ts";
import type { ExposedType } from "./exposed-type.ts";
import { ExpositionError } from "./exposition-error.ts";

export interface ExposedSeries {
  /** Behind the name, or behind the closing brace. */
  readonly end: number;
  /** Name, value, name, value, … as they stand there, `__name__` first. */
  readonly labels: string[];
}

/**
 * Reads name and labels of the series at `start`, by the grammar of Prometheus' lexer for the text format, where it
 * differs from the format's description too: commas between labels may be missing, label values may hold newlines,
 * white space before a name belongs to the name, and names may be quoted strings.
 *
 * `type` is that of the last TYPE line: it decides whether `le` or `quantile` is written the way OpenMetrics wants it,
 * whatever metric the series belongs to.
 */
export function parseSeries(bytes: Buffer, start: number, limit: number, type: ExposedType): ExposedSeries {
  return new SeriesParser(bytes, start, limit, type, false).parse();
}

/** The same in OpenMetrics: no white space, a comma between labels, and no newline in their values. */
export function parseOpenMetricsSeries(bytes: Buffer, start: number, limit: number, type: ExposedType): ExposedSeries {
  return new SeriesParser(bytes, start, limit, type, true).parse();
}

class SeriesParser {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #limit: number;
  readonly #type: ExposedType;
  readonly #isOpenMetrics: boolean;
  readonly #labels: string[] = [];
  #at: number;
  #name: string | undefined;

  constructor(bytes: Buffer, start: number, limit: number, type: ExposedType, isOpenMetrics: boolean) {
    this.#bytes = bytes;
    this.#start = start;
    this.#at = start;
    this.#limit = limit;
    this.#type = type;
    this.#isOpenMetrics = isOpenMetrics;
  }

  parse(): ExposedSeries {
    this.#skipSpace();
    if (isMetricNameStart(this.#byte())) {
      while (isMetricNameStart(this.#byte()) || isDigit(this.#byte())) this.#at++;
      this.#name = this.#bytes.toString("latin1", this.#start, this.#at);
    } else if (this.#byte() !== 0x7b) {
      throw this.#expected("a metric name");
    }
    const end = this.#at;
    this.#skipSpace();
    if (this.#byte() !== 0x7b) return { end, labels: ["__name__", this.#name ?? ""] };
    this.#at++;
    this.#parseLabels();
    if (this.#name === undefined) throw new ExpositionError("expected a metric name between the braces");
    return { end: this.#at, labels: ["__name__", this.#name, ...this.#labels] };
  }

  #parseLabels(): void {
    this.#skipSpace();
    while (this.#byte() !== 0x7d) {
      const quoted = this.#byte() === 0x22;
      const name = quoted ? this.#quoted("name") : this.#labelName();
      this.#skipSpace();
      if (this.#byte() === 0x3d) {
        this.#at++;
        this.#parseValue(name);
        this.#skipSpace();
      } else if (quoted && (this.#byte() === 0x2c || this.#byte() === 0x7d)) {
        if (this.#name !== undefined) throw new ExpositionError(`a second metric name, "${name}"`);
        this.#name = name;
      } else {
        throw this.#expected(`"=" behind the label name "${name}"`);
      }
      this.#parseComma();
    }
    this.#at++;
  }

  #parseComma(): void {
    if (this.#byte() === 0x2c) {
      this.#at++;
      this.#skipSpace();
    } else if (this.#isOpenMetrics && this.#byte() !== 0x7d) {
      throw this.#expected('"," or "}" behind a label');
    }
  }

  #parseValue(name: string): void {
    this.#skipSpace();
    if (this.#byte() !== 0x22) throw this.#expected(`a quoted value of the label "${name}"`);
    this.#labels.push(name, normalizeFloat(name, this.#quoted("value"), this.#type));
  }

  #labelName(): string {
    const start = this.#at;
    if (!isLabelNameStart(this.#byte())) throw this.#expected("a label name");
    while (isLabelNameStart(this.#byte()) || isDigit(this.#byte())) this.#at++;
    return this.#bytes.toString("latin1", start, this.#at);
  }

  /** The string behind the quotation mark. */
  #quoted(kind: "name" | "value"): string {
    const start = ++this.#at;
    let seen = 0;
    let escaped = false;
    for (let byte = this.#byte(); byte !== 0x22; byte = this.#byte()) {
      if (byte === 0x5c) {
        escaped = true;
        this.#at++;
        byte = this.#byte();
        if (byte === 0x0a) throw new ExpositionError("a backslash at the end of a line");
      }
      if (this.#at >= this.#limit) throw new ExpositionError("a quotation mark is not closed");
      this.#checkQuoted(byte, kind);
      seen |= byte;
      this.#at++;
    }
    const end = this.#at++;
    const isBroken = seen >= 0x80 && !isUtf8(this.#bytes.subarray(start, end));
    // Upstream reads such a name, and refuses it when it checks labels; a lone surrogate carries it there.
    if (isBroken && kind === "name") return `${this.#bytes.toString("utf8", start, end)}\ud800`;
    if (isBroken) throw new ExpositionError("invalid UTF-8");
    const text = seen < 0x80 ? this.#bytes.toString("latin1", start, end) : this.#bytes.toString("utf8", start, end);
    return escaped ? withoutEscapes(text) : text;
  }

  /** NUL is fine in a label's value and nowhere else; a newline in a name and, but for OpenMetrics, in a value. */
  #checkQuoted(byte: number, kind: "name" | "value"): void {
    if (kind === "name" && byte === 0) throw this.#expected("a label name");
    if (kind === "value" && byte === 0x0a && this.#isOpenMetrics) throw this.#expected("a quotation mark");
  }

  #skipSpace(): void {
    if (this.#isOpenMetrics) return;
    while (this.#byte() === 0x20 || this.#byte() === 0x09) this.#at++;
  }

  /** Behind the limit are bytes of something else. */
  #byte(): number {
    return this.#at < this.#limit ? this.#bytes[this.#at]! : 0x0a;
  }

  #expected(what: string): ExpositionError {
    const byte = this.#byte();
    const found = byte === 0x0a ? "the end of the line" : JSON.stringify(String.fromCharCode(byte));
    return new ExpositionError(`expected ${what}, found ${found}`);
  }
}

function isLabelNameStart(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f;
}

function isMetricNameStart(byte: number): boolean {
  return isLabelNameStart(byte) || byte === 0x3a;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Only these three are escapes; any other backslash stands for itself. */
function withoutEscapes(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

export function normalizeFloat(name: string, value: string, type: ExposedType): string {
  const applies = (type === "histogram" && name === "le") || (type === "summary" && name === "quantile");
  const number = applies ? parseGoFloat(value) : undefined;
  return number === undefined ? value : formatFloatLabel(number);
}
