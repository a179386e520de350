import { isUtf8 } from "node:buffer";

export interface Sample {
  /** Names and values as exposed, `__name__` first; empty values and repeated names included. */
  readonly labels: readonly string[];
  readonly value: number;
  readonly timestamp: number | undefined;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** True when the body is not in the text format; then `samples` are those before the mistake. */
  readonly failed: boolean;
}

type State = "init" | "meta1" | "meta2" | "labels" | "labelValue" | "value" | "timestamp";
type Token = { readonly kind: string; readonly text: string };

const space = /[ \t]+/y;
const name = /[a-zA-Z_:][a-zA-Z_:0-9]*/y;
const quotedName = /"(?:\\[^\n\0]|[^\\"\0])*"/y;

/** The lexer's rules: in each state what may come, and the state after it. The first of the longest matches counts. */
const rules: Record<State, readonly (readonly [kind: string, pattern: RegExp, next?: State])[]> = {
  init: [
    ["end", /\0/y],
    ["newline", /\n/y],
    ["help or type", /#[ \t]+(?:HELP|TYPE)[ \t]+/y, "meta1"],
    ["end", /#[ \t]+\0/y],
    ["comment", /#[ \t]+(?![ \t\0]|(?:HELP|TYPE)[ \t])[^\n]*/y],
    ["end", /#[^ \t\n\0][^\n\0]*\0|#\0/y],
    ["comment", /#(?![ \t])[^\n\0]*/y],
    ["name", name, "value"],
    ["{", /\{/y, "labels"],
  ],
  meta1: [
    ["name", name, "meta2"],
    ["name", quotedName, "meta2"],
  ],
  meta2: [["text", /[^\n]*/y, "init"]],
  labels: [
    ["label name", /[a-zA-Z_][a-zA-Z_0-9]*/y],
    ["quoted", quotedName],
    ["}", /\}/y, "value"],
    ["=", /=/y, "labelValue"],
    [",", /,/y],
  ],
  labelValue: [["label value", /"(?:\\[^\n]|[^\\"])*"/y, "labels"]],
  value: [
    ["{", /\{/y, "labels"],
    ["value", /[^{ \t\n\0]+/y, "timestamp"],
  ],
  timestamp: [
    ["timestamp", /[0-9]+/y],
    ["newline", /\n/y, "init"],
  ],
};

/**
 * The slow and obvious twin of formats/exposition/scan.ts: tokens by regular expressions, then one function for each
 * kind of line, as Prometheus' own parser has it.
 */
export function parseExposition(body: Uint8Array): Exposition {
  const parser = new Parser(Buffer.from(body).toString("latin1"));
  try {
    while (parser.line());
    return { samples: parser.samples, failed: false };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { samples: parser.samples, failed: true };
  }
}

class Parser {
  readonly samples: Sample[] = [];
  readonly #text: string;
  #at = 0;
  #state: State = "init";
  #type = "";

  constructor(latin1: string) {
    this.#text = `${latin1}\n`;
  }

  line(): boolean {
    const start = this.#at;
    const token = this.#token();
    switch (token.kind) {
      case "end":
        return false;
      case "newline":
      case "comment":
        return true;
      case "help or type":
        this.#meta(token.text.includes("HELP"));
        return true;
      case "name":
        this.#series(this.#text.slice(start, this.#at), this.#token());
        return true;
      case "{":
        this.#series(undefined, token);
        return true;
      default:
        throw new SyntaxError();
    }
  }

  #meta(isHelp: boolean): void {
    this.#expect("name");
    const rest = this.#expect("text").slice(1);
    if (isHelp) {
      if (!isUtf8(Buffer.from(rest, "latin1"))) throw new SyntaxError();
    } else if (["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) {
      this.#type = rest;
    } else {
      throw new SyntaxError();
    }
  }

  #series(outerName: string | undefined, first: Token): void {
    const labels = ["__name__", ...(outerName === undefined ? [] : [outerName])];
    let token = first;
    if (token.kind === "{") {
      this.#labels(labels);
      token = this.#token();
    }
    if (labels.length % 2 === 1 || token.kind !== "value") throw new SyntaxError();
    this.#sample(labels, number(token.text));
  }

  /** Up to the closing brace. As long as the name has not come, the number of items is odd. */
  #labels(labels: string[]): void {
    let token = this.#token();
    while (token.kind !== "}") {
      const behind = this.#token();
      if (behind.kind === "}" || behind.kind === ",") {
        if (token.kind !== "quoted" || labels.length % 2 === 0) throw new SyntaxError();
        labels.splice(1, 0, decodeName(token.text));
        if (behind.kind === "}") return;
        token = this.#token();
        continue;
      }
      labels.push(...this.#label(token, behind));
      token = this.#token();
      if (token.kind === ",") token = this.#token();
    }
  }

  #label(name: Token, equals: Token): string[] {
    if ((name.kind !== "label name" && name.kind !== "quoted") || equals.kind !== "=") throw new SyntaxError();
    const label = name.kind === "quoted" ? decodeName(name.text) : name.text;
    return [label, this.#normalize(label, decode(this.#expect("label value")))];
  }

  #sample(labels: string[], value: number): void {
    const token = this.#token();
    if (token.kind === "timestamp") {
      if (BigInt(token.text) >= 2n ** 63n) throw new SyntaxError();
      this.#expect("newline");
    } else if (token.kind !== "newline") {
      throw new SyntaxError();
    }
    this.samples.push({ labels, value, timestamp: token.kind === "timestamp" ? Number(token.text) : undefined });
  }

  #normalize(label: string, value: string): string {
    const applies =
      (this.#type === "histogram" && label === "le") || (this.#type === "summary" && label === "quantile");
    return applies ? normalize(value) : value;
  }

  #expect(kind: string): string {
    const token = this.#token();
    if (token.kind !== kind) throw new SyntaxError();
    return token.text;
  }

  #token(): Token {
    if (this.#at >= this.#text.length) return { kind: "end", text: "" };
    const blank = this.#match(space) ?? "";
    const { kind, text, next } = this.#longest();
    if (blank.length >= Math.max(1, text.length)) {
      this.#at += blank.length;
      return this.#token();
    }
    if (kind === "") throw new SyntaxError();
    this.#at += text.length;
    this.#state = next ?? this.#state;
    return { kind, text };
  }

  #longest(): Token & { readonly next: State | undefined } {
    let longest: Token & { readonly next: State | undefined } = { kind: "", text: "", next: undefined };
    for (const [kind, pattern, next] of rules[this.#state]) {
      const text = this.#match(pattern);
      if (text === undefined || (longest.kind !== "" && text.length <= longest.text.length)) continue;
      longest = { kind, text, next };
    }
    return longest;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }
}

/** Takes the quotation marks off. A name that is not UTF-8 is read, and refused later on: it is no well-formed text. */
export function decodeName(quoted: string): string {
  const bytes = Buffer.from(quoted.slice(1, -1), "latin1");
  return isUtf8(bytes) ? decode(quoted) : `${bytes.toString("utf8")}\ud800`;
}

/** Takes the quotation marks off. */
export function decode(quoted: string): string {
  const bytes = Buffer.from(quoted.slice(1, -1), "latin1");
  if (!isUtf8(bytes)) throw new SyntaxError();
  return bytes.toString("utf8").replaceAll(/\\[\\"n]/g, (pair) => (pair === "\\n" ? "\n" : pair.slice(1)));
}

export function number(text: string): number {
  if (/^nan$/i.test(text)) return Number.NaN;
  const [, sign] = /^([+-]?)inf(?:inity)?$/i.exec(text) ?? [];
  if (sign !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) throw new SyntaxError();
  const value = Number(text);
  if (!Number.isFinite(value)) throw new SyntaxError();
  return value;
}

/** Plain decimals only: the stranger spellings that upstream reads are in the table of test/lib/go-float.test.ts. */
export function normalize(text: string): string {
  let value: number;
  try {
    value = number(text);
  } catch {
    return text;
  }
  if (value === 0) return "0.0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const [digits = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent > 5) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return String(value).includes(".") ? String(value) : `${value}.0`;
}
