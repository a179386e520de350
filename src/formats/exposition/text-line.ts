import { parseGoFloat } from "../../lib/go-float.ts";
import type { Labels } from "../../signals/labels.ts";

/** A line with a sample, as the text format 0.0.4 has it. */
export interface TextSample {
  readonly name: string;
  /** Empty values stay. */
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly hasTimestamp: boolean;
}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelPattern = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[\\"n])*)"[ \t]*(,|(?=\}))/y;
const endPattern = /[ \t]*\}/y;
const valuePattern = /[ \t]*([^ \t]+)(?:[ \t]+(-?[0-9]+)[ \t]*)?$/y;

/**
 * Strict, as the parser of client_golang is, which node_exporter reads its text files with: no quoted names, no escapes
 * but three, no number that Go's text format does not know. Throws an Error that says what was expected.
 */
export function parseTextSample(line: string): TextSample {
  const name = match(namePattern, line, 0)?.[0];
  if (name === undefined) throw new Error("expected a metric name");
  const { labels, end } = parseLabels(line, name.length);
  const [, number = "", timestamp] = match(valuePattern, line, end) ?? [];
  const value = /[pP_]/.test(number) ? undefined : parseGoFloat(number);
  if (value === undefined)
    throw new Error(`expected a number, and nothing behind it, got ${JSON.stringify(line.slice(end))}`);
  return { name, labels, value, hasTimestamp: timestamp !== undefined };
}

function parseLabels(line: string, start: number): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>();
  const open = match(/[ \t]*\{/y, line, start);
  if (open === undefined) return { labels, end: start };
  let at = start + open[0].length;
  for (;;) {
    const close = match(endPattern, line, at);
    if (close !== undefined) return { labels, end: at + close[0].length };
    const found = match(labelPattern, line, at);
    const [text = "", name = "", value = ""] = found ?? [];
    if (found === undefined) throw new Error(`expected a label, got ${JSON.stringify(line.slice(at))}`);
    if (name === "__name__") throw new Error('the label name "__name__" is reserved');
    if (labels.has(name)) throw new Error(`the label ${name} comes twice`);
    labels.set(name, unescapeText(value));
    at += text.length;
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  const sticky = new RegExp(pattern);
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}

/** Of label values and of HELP texts, which have no use for `\"`. */
export function unescapeText(text: string): string {
  return text.replace(/\\([\\"n])/g, (_escape, character) => (character === "n" ? "\n" : character));
}

/** In order, with empty values for those of `names` that are absent. */
export function completeLabels(labels: ReadonlyMap<string, string>, names: readonly string[]): Labels {
  return names.flatMap((name) => [name, labels.get(name) ?? ""]);
}
