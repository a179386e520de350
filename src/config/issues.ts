import type { z } from "zod";
import type { YamlNode, YamlRange, YamlScalar } from "../lib/yaml.ts";
import { unknownField } from "./unknown-field.ts";
import { describeValue, expectedOneOf, kindOf } from "./wording.ts";

/** A mistake that a schema found, in our words and with its place. */
export interface PlacedIssue {
  readonly message: string;
  readonly hint?: string;
  readonly range: YamlRange;
  /** What is at the place of the mistake; undefined where something is missing. */
  readonly node: YamlNode | undefined;
}

/** What was checked, and against what. */
export interface Checked {
  readonly schema: z.ZodType;
  readonly root: YamlNode;
  /** Of the key that holds the whole value: the place of what is missing from it. */
  readonly keyRange: YamlRange;
  /** Keys beside those of the schema, to be suggested. */
  readonly otherKeys: readonly string[];
}

/** A schema's issue may hold several mistakes: each unknown field is one. */
export function placeIssue(issue: z.core.$ZodIssue, checked: Checked): PlacedIssue[] {
  const { node, range } = locate(checked, issue.path);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => placeUnknown(key, issue.path, checked));
  if (issue.code === "invalid_union") return placeUnion(issue, checked);
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  if (node === undefined && issue.code !== "custom") {
    return [{ message: `missing required field \`${String(issue.path.at(-1))}\``, range, node }];
  }
  return [{ message: `${fieldName(issue.path)}${message}`, range, node, ...hintFor(issue, node) }];
}

/** Scalars that look like a number or a switch, where the schema wants text: Prometheus takes them as they are spelled. */
export function wantedAsText(issues: readonly z.core.$ZodIssue[], root: YamlNode): YamlScalar[] {
  return issues.flatMap((issue) => {
    const { node } = locate({ root, keyRange: root.range }, issue.path);
    if (issue.code === "invalid_union") {
      return node === undefined ? [] : issue.errors.flatMap((branch) => wantedAsText(branch, node));
    }
    const isText = issue.code === "invalid_type" && issue.expected === "string";
    return isText && node?.kind === "scalar" && node.plain && node.value !== null ? [node] : [];
  });
}

/** The node at the path, and the range to point at: the scalar itself, or else the nearest key or list item. */
function locate(
  { root, keyRange }: Pick<Checked, "root" | "keyRange">,
  path: readonly PropertyKey[],
): { node: YamlNode | undefined; range: YamlRange } {
  let node: YamlNode | undefined = root;
  let range = keyRange;
  for (const step of path) {
    const next: Step = stepInto(node, step);
    node = next.node;
    range = next.range ?? range;
  }
  return { node, range: node?.kind === "scalar" && node.raw !== "" ? node.range : range };
}

interface Step {
  readonly node: YamlNode | undefined;
  readonly range: YamlRange | undefined;
}

function stepInto(node: YamlNode | undefined, step: PropertyKey): Step {
  if (node?.kind === "list") {
    const item = node.items[Number(step)];
    return { node: item, range: item?.range };
  }
  const entry = node?.kind === "map" ? node.entries.find(({ key }) => key === step) : undefined;
  return { node: entry?.value, range: entry?.keyRange };
}

function placeUnknown(key: string, path: readonly PropertyKey[], checked: Checked): PlacedIssue {
  const { node, range } = locate(checked, path);
  const { schema, otherKeys } = checked;
  const below = stepInto(node, key);
  return { ...unknownField({ key, path, schema, otherKeys }), range: below.range ?? range, node: below.node };
}

/** Of several forms that a value may have, the one it has most of tells best what is wrong. */
function placeUnion(issue: z.core.$ZodIssueInvalidUnion, checked: Checked): PlacedIssue[] {
  const { node, range } = locate(checked, issue.path);
  const here = (message: string) => [{ message: `${fieldName(issue.path)}${message}`, range, node }];
  if ("options" in issue && Array.isArray(issue.options)) {
    if (node === undefined)
      return [{ message: `missing required field \`${String(issue.path.at(-1))}\``, range, node }];
    return here(expectedOneOf(issue.options.map(String), node.kind === "scalar" ? node.text : undefined));
  }
  // A schema that words its own message speaks for all its forms.
  const isOwnMessage = issue.message !== "has none of the forms that are allowed here";
  const near = issue.errors.filter((errors) => !errors.some(isWrongKind));
  if (near.length === 0 || isOwnMessage) return here(isOwnMessage ? issue.message : expectedKinds(issue.errors, node));
  const best = near.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
  return best.flatMap((inner) => placeIssue({ ...inner, path: [...issue.path, ...inner.path] }, checked));
}

function isWrongKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function depth(errors: readonly z.core.$ZodIssue[]): number {
  return Math.max(...errors.map(({ path }) => path.length));
}

function expectedKinds(branches: readonly (readonly z.core.$ZodIssue[])[], node: YamlNode | undefined): string {
  const kinds = branches.flat().flatMap((issue) => {
    if (issue.code === "invalid_type") return [kindOf(issue.expected)];
    return issue.code === "invalid_value" ? issue.values.map(String) : [];
  });
  return `expected ${[...new Set(kinds)].join(" or ")}, found ${describeNode(node)}`;
}

function describeNode(node: YamlNode | undefined): string {
  if (node?.kind === "scalar") return describeValue(node.value);
  return node?.kind === "list" ? "a list" : "a mapping";
}

/** `endpoints[0].url: `; the caret shows it too, but a log line has no caret. */
function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "";
  const text = path.reduce<string>(
    (name, step) => (typeof step === "number" ? `${name}[${step}]` : `${name}${name && "."}${String(step)}`),
    "",
  );
  return `\`${text}\`: `;
}

function hintFor(issue: z.core.$ZodIssue, node: YamlNode | undefined): { hint?: string } {
  if (issue.code !== "invalid_type" || node?.kind !== "scalar" || node.plain) return {};
  const wanted = unquoted[issue.expected];
  return wanted?.test(node.text) === true ? { hint: "leave out the quotes" } : {};
}

/** What becomes the wanted kind without quotes. A reference may. */
const unquoted: Readonly<Partial<Record<string, RegExp>>> = {
  number: /^(?:[-+]?[0-9.]+|\$\{[^}]*\})$/,
  int: /^(?:[-+]?[0-9]+|\$\{[^}]*\})$/,
  boolean: /^(?:true|false|\$\{[^}]*\})$/,
};
