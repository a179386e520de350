import { isUtf8 } from "node:buffer";
import { decode, decodeName, type Exposition, normalize, number, type Sample } from "./exposition.ts";

export interface ExemplarText {
  /** Of the sample that it stands behind. */
  readonly row: number;
  /** Sorted by bytes, without those that are empty. */
  readonly labels: readonly string[];
  readonly value: number;
  readonly timestamp: number | undefined;
}

export interface OpenMetricsPage extends Exposition {
  readonly exemplars: readonly ExemplarText[];
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const labelName = "[a-zA-Z_][a-zA-Z0-9_]*";
const quotedName = String.raw`"(?:\\[^\n\0]|[^\\"\0])*"`;
const quotedValue = String.raw`"(?:\\[^\n]|[^\\"\n])*"`;
const exemplarString = String.raw`"(?:\\[^\n\0]|[^\\"\n\0])*"`;
const word = String.raw`[^ \n\0]+`;

/** What a page consists of; each piece is tried where the one before ended. */
const meta = new RegExp(`# (HELP|TYPE|UNIT) (${name}|${quotedName}) ([^\\n]*)\\n`, "y");
/** A NUL behind it is the end of the page, too. */
const end = /# EOF(?:\n?$|\n\0)/y;
const outerName = new RegExp(name, "y");
const open = /\{/y;
const label = new RegExp(`(${labelName}|${quotedName})=(${quotedValue})(,|(?=\\}))`, "y");
const innerName = new RegExp(`(${quotedName})(,|(?=\\}))`, "y");
const close = /\}/y;
const rest = new RegExp(` (${word})(?: (?!# \\{)(${word}))?( # \\{[^\\n]*)?\\n`, "y");
/** Behind a value: no token that there is. Upstream takes the sample before it stumbles. */
const noToken = new RegExp(` (${word})(?= \\n|(?:  | # (?!\\{))[^\\n]*\\n)`, "y");
const exemplar = new RegExp(
  ` # \\{((?:(?:${labelName}|${exemplarString})=${exemplarString},)*(?:(?:${labelName}|${exemplarString})=${exemplarString})?)\\} (${word})(?: (${word}))?`,
  "y",
);
const exemplarLabel = new RegExp(`(${labelName}|${exemplarString})=(${exemplarString})`, "g");

const types = ["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];

/** The slow and obvious twin of formats/exposition/open-metrics.ts: one regular expression for each piece of a line. */
export function parseOpenMetrics(body: Uint8Array): OpenMetricsPage {
  const page = new Page(Buffer.from(body).toString("latin1"));
  try {
    while (!page.hasEnded()) page.line();
    return { samples: page.samples, exemplars: page.exemplars, failed: false };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { samples: page.samples, exemplars: page.exemplars, failed: true };
  }
}

class Page {
  readonly samples: Sample[] = [];
  readonly exemplars: ExemplarText[] = [];
  readonly #text: string;
  #at = 0;
  #type = "unknown";

  constructor(latin1: string) {
    this.#text = latin1;
  }

  hasEnded(): boolean {
    return this.#take(end) !== undefined;
  }

  line(): void {
    const [, kind, metric = "", text = ""] = this.#take(meta) ?? [];
    if (kind === undefined) this.#series();
    else if (kind === "HELP") utf8(text);
    else if (kind === "UNIT") checkUnit(metric.startsWith('"') ? metric.slice(1, -1) : metric, text);
    else if (types.includes(text)) this.#type = text;
    else throw new SyntaxError();
  }

  #series(): void {
    const names = this.#take(outerName)?.slice() ?? [];
    const labels: string[] = [];
    if (this.#take(open) !== undefined) this.#labels(names, labels);
    const [metric] = names;
    if (metric === undefined || names.length > 1) throw new SyntaxError();
    this.#rest(["__name__", metric, ...labels]);
  }

  #labels(names: string[], labels: string[]): void {
    while (this.#take(close) === undefined) {
      const [, inner] = this.#take(innerName) ?? [];
      if (inner !== undefined) {
        names.push(decodeName(inner));
        continue;
      }
      const [, key = "", value = ""] = this.#expect(label);
      const decoded = key.startsWith('"') ? decodeName(key) : key;
      labels.push(decoded, this.#normalized(decoded, decode(value)));
    }
  }

  #normalized(key: string, value: string): string {
    const applies = (this.#type === "histogram" && key === "le") || (this.#type === "summary" && key === "quantile");
    return applies ? normalize(value) : value;
  }

  #rest(labels: string[]): void {
    const [, unfinished] = this.#take(noToken) ?? [];
    if (unfinished !== undefined) {
      this.samples.push({ labels, value: number(unfinished), timestamp: undefined });
      throw new SyntaxError();
    }
    const [, value = "", time, exemplarText] = this.#expect(rest);
    const sample = { labels, value: number(value), timestamp: time === undefined ? undefined : milliseconds(time) };
    const found = exemplarText === undefined ? undefined : readExemplar(exemplarText, this.samples.length);
    this.samples.push(sample);
    if (found !== undefined) this.exemplars.push(found);
  }

  #expect(pattern: RegExp): RegExpExecArray {
    const found = this.#take(pattern);
    if (found === undefined) throw new SyntaxError();
    return found;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }
}

function readExemplar(text: string, row: number): ExemplarText | undefined {
  exemplar.lastIndex = 0;
  const [matched, list = "", value = "", time] = exemplar.exec(text) ?? [];
  if (matched !== text) throw new SyntaxError();
  const pairs = [...list.matchAll(exemplarLabel)].map(([, key = "", quoted = ""]) => {
    return [key.startsWith('"') ? key.slice(1, -1) : key, utf8(quoted.slice(1, -1))] as const;
  });
  const timestamp = time === undefined ? undefined : milliseconds(time);
  const parsed = { row, value: number(value), timestamp };
  if (pairs.some(([key]) => !isUtf8(Buffer.from(key, "latin1")))) return undefined;
  const present = pairs.map(([key, content]) => [utf8(key), content] as const).filter(([, content]) => content !== "");
  const labels = present.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).flat();
  if (new Set(present.map(([key]) => key)).size < present.length) return undefined;
  return [...labels.join("")].length > 128 ? undefined : { ...parsed, labels };
}

function milliseconds(text: string): number {
  const seconds = number(text);
  if (!Number.isFinite(seconds)) throw new SyntaxError();
  const time = Math.trunc(seconds * 1000);
  return Math.abs(time) < 2 ** 63 ? time || 0 : -(2 ** 63);
}

function checkUnit(metric: string, unit: string): void {
  if (unit !== "" && !metric.endsWith(`_${unit}`)) throw new SyntaxError();
}

function utf8(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  if (!isUtf8(bytes)) throw new SyntaxError();
  return bytes.toString("utf8");
}
