import { createHash } from "node:crypto";
import { RE2JS } from "re2js";
import { compareUtf8, type Labels } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";
import type { RelabelRule } from "../../src/signals/relabel-rule.ts";

/** The twin of formats/relabel: one rule after the other over a plain list of labels, nothing compiled, nothing kept. */
export function relabelSlowly(rules: readonly RelabelRule[], labels: Labels): Labels | undefined {
  let state: Label[] = [];
  for (let at = 0; at < labels.length; at += 2) state.push({ name: labels[at]!, value: labels[at + 1]! });
  for (const rule of rules) {
    const next = applyRule(rule, state);
    if (next === undefined) return undefined;
    state = next;
  }
  state.sort((a, b) => compareUtf8(a.name, b.name));
  return state.flatMap(({ name, value }) => [name, value]);
}

/** The twin of the batch relabeler: every row for itself. */
export function relabelBatchSlowly(rules: readonly RelabelRule[], batch: MetricBatch): SlowRow[] {
  const rows: SlowRow[] = [];
  const speakers = new Map<string, number>();
  for (let row = 0; row < batch.length; row++) {
    const id = batch.ids[row]!;
    const labels = relabelSlowly(rules, batch.series.labels(id));
    if (labels === undefined || !labels.some((text, at) => at % 2 === 0 && text === "__name__")) continue;
    const key = JSON.stringify(labels);
    if ((speakers.get(key) ?? id) !== id) continue;
    speakers.set(key, id);
    const sample = { labels, timestamp: batch.timestamps[row]! };
    rows.push(row < batch.staleFrom ? { ...sample, value: batch.values[row]! } : { ...sample, stale: true });
  }
  return rows;
}

export interface SlowRow {
  labels: Labels;
  timestamp: number;
  value?: number;
  stale?: true;
}

/** In a list in the order of visits: what a rule sets goes to the end, unless a rule had set it before. */
interface Label {
  name: string;
  value: string;
  set?: true;
}

function get(state: Label[], name: string): string {
  return state.find((label) => label.name === name)?.value ?? "";
}

function set(state: Label[], name: string, value: string): Label[] {
  if (value === "") return state.filter((label) => label.name !== name);
  if (state.some((label) => label.name === name && label.set)) {
    return state.map((label) => (label.name === name ? { name, value, set: true } : label));
  }
  return [...state.filter((label) => label.name !== name), { name, value, set: true }];
}

function applyRule(rule: RelabelRule, state: Label[]): Label[] | undefined {
  const value = rule.source_labels.map((name) => get(state, name)).join(rule.separator);
  const pattern = RE2JS.compile(`^(?s:${rule.regex})$`);
  const target = rule.target_label;
  switch (rule.action) {
    case "replace": {
      const match = pattern.exec(value);
      if (match === null) return state;
      const name = expand(rule.target_label, match);
      return name === "" ? state : set(state, name, expand(rule.replacement, match));
    }
    case "keep":
      return pattern.exec(value) === null ? undefined : state;
    case "drop":
      return pattern.exec(value) === null ? state : undefined;
    case "keepequal":
      return get(state, target) === value ? state : undefined;
    case "dropequal":
      return get(state, target) === value ? undefined : state;
    case "hashmod": {
      const digest = createHash("md5").update(value).digest("hex");
      return set(state, target, (BigInt(`0x${digest.slice(16)}`) % BigInt(rule.modulus)).toString());
    }
    case "labelmap":
      return state.reduce((next, label) => {
        const match = pattern.exec(label.name);
        return match === null ? next : set(next, expandAll(rule.replacement, pattern, label.name), label.value);
      }, state);
    case "labeldrop":
      return state.filter((label) => pattern.exec(label.name) === null);
    case "labelkeep":
      return state.filter((label) => pattern.exec(label.name) !== null);
    case "lowercase":
      return set(
        state,
        target,
        mapCase(value, (text) => text.toLowerCase()),
      );
    case "uppercase":
      return set(
        state,
        target,
        mapCase(value, (text) => text.toUpperCase()),
      );
  }
}

function mapCase(value: string, map: (text: string) => string): string {
  return [...value].map((character) => ([...map(character)].length === 1 ? map(character) : character)).join("");
}

function expandAll(template: string, pattern: RE2JS, text: string): string {
  let result = "";
  let copied = 0;
  for (const match of pattern.matchAll(text) as Iterable<RegExpExecArray>) {
    if (match[0] === "" && match.index === copied && match.index > 0) continue;
    result += text.slice(copied, match.index) + expand(template, match);
    copied = match.index + match[0].length;
  }
  return result + text.slice(copied);
}

type Match = (string | null | undefined)[] & { groups?: Record<string, string | null | undefined> | undefined };

/** Go's Expand, a character at a time. */
function expand(template: string, match: Match): string {
  let result = "";
  let rest = template;
  while (rest !== "") {
    const reference = rest.startsWith("$") ? referenceAt(rest) : "";
    if (reference === "") {
      result += rest[0];
      rest = rest.slice(1);
    } else {
      result += reference === "$$" ? "$" : groupText(reference.replace(/[${}]/g, ""), match);
      rest = rest.slice(reference.length);
    }
  }
  return result;
}

/** `$$`, `$name` or `${name}` at the start of the text; "" where the dollar sign means nothing. */
function referenceAt(text: string): string {
  if (text[1] === "$") return "$$";
  const braced = text[1] === "{";
  const characters = [...text.slice(braced ? 2 : 1)];
  const length = characters.findIndex((character) => !/[\p{L}\p{Nd}_]/u.test(character));
  const name = characters.slice(0, length < 0 ? characters.length : length).join("");
  if (name === "") return "";
  if (!braced) return `$${name}`;
  return text[2 + name.length] === "}" ? `\${${name}}` : "";
}

function groupText(name: string, match: Match): string {
  return (/^(0|[1-9]\d*)$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? "";
}
