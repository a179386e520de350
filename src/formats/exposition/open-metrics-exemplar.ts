import { isUtf8 } from "node:buffer";
import { exemplarLabels } from "./exemplar-labels.ts";
import { ExpositionError } from "./exposition-error.ts";
import { NumberReader } from "./number.ts";
import { milliseconds } from "./open-metrics-time.ts";
import type { RowExemplar } from "./rows.ts";

/** Reads what stands behind a sample: ` # {trace_id="4bf9"} 0.7 1700000000`. */
export class ExemplarReader {
  readonly #number = new NumberReader();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #isUtf8 = true;

  /**
   * From `start` to the newline at `end`. Undefined for an exemplar that Prometheus does not take, though its sample is
   * fine: labels that are too long or come twice.
   */
  read(bytes: Buffer, start: number, end: number): Omit<RowExemplar, "row"> | undefined {
    this.#bytes = bytes;
    this.#at = start;
    for (const byte of [0x20, 0x23, 0x20, 0x7b]) {
      if (bytes[this.#at++] !== byte) throw expected("a timestamp, an exemplar or the end of the line");
    }
    const pairs = this.#readLabels();
    const value = this.#readNumber();
    if (value === undefined) throw expected("the value of an exemplar");
    const timestamp = this.#at === end ? Number.NaN : milliseconds(this.#readNumber());
    if (this.#at !== end) throw expected("the end of the line behind an exemplar");
    const labels = pairs && exemplarLabels(pairs);
    return labels && { labels, value, timestamp };
  }

  /** Undefined where a name is not UTF-8, which upstream takes, but nobody behind it could. */
  #readLabels(): [name: string, value: string][] | undefined {
    const labels: [name: string, value: string][] = [];
    let areNames = true;
    while (this.#bytes[this.#at] !== 0x7d) {
      const name = this.#bytes[this.#at] === 0x22 ? this.#readQuoted() : this.#readName();
      areNames &&= this.#isUtf8;
      if (this.#bytes[this.#at++] !== 0x3d) throw expectedLabel();
      const value = this.#readQuoted();
      if (!this.#isUtf8) throw new ExpositionError("invalid UTF-8 in a label of an exemplar");
      labels.push([name, value]);
      if (this.#bytes[this.#at] === 0x2c) this.#at++;
      else if (this.#bytes[this.#at] !== 0x7d) throw expectedLabel();
    }
    this.#at++;
    return areNames ? labels : undefined;
  }

  #readName(): string {
    const start = this.#at;
    while (isNameByte(this.#bytes[this.#at]!, this.#at > start)) this.#at++;
    if (this.#at === start) throw expectedLabel();
    this.#isUtf8 = true;
    return this.#bytes.toString("latin1", start, this.#at);
  }

  /** A backslash keeps a quotation mark from ending the string, and both stay in it. */
  #readQuoted(): string {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== 0x22) throw expectedLabel();
    const start = this.#at + 1;
    let at = start;
    let seen = 0;
    for (let byte = bytes[at]!; byte !== 0x22; byte = bytes[++at]!) {
      if (byte === 0x5c) byte = bytes[++at]!;
      if (byte === 0 || byte === 0x0a) throw expectedLabel();
      seen |= byte;
    }
    this.#at = at + 1;
    this.#isUtf8 = seen < 0x80 || isUtf8(bytes.subarray(start, at));
    return bytes.toString(seen < 0x80 ? "latin1" : "utf8", start, at);
  }

  /** Behind one space. */
  #readNumber(): number | undefined {
    if (this.#bytes[this.#at] !== 0x20) return undefined;
    const value = this.#number.read(this.#bytes, this.#at + 1);
    this.#at = this.#number.end;
    return value;
  }
}

function isNameByte(byte: number, takesDigits: boolean): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f || (takesDigits && byte >= 0x30 && byte <= 0x39);
}

function expectedLabel(): ExpositionError {
  return expected("a label of an exemplar");
}

function expected(what: string): ExpositionError {
  return new ExpositionError(`expected ${what}`);
}
