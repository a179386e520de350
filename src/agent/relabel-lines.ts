import { z } from "zod";
import { relabelRules } from "../config/fields/relabel-rule.ts";
import { placeIssue, wantedAsText } from "../config/issues.ts";
import { wordIssue } from "../config/wording.ts";
import { type RelabelStep, relabelInSteps } from "../formats/relabel/explain.ts";
import { describeError } from "../lib/errors.ts";
import { parseYamlTree, plainValue, type YamlNode } from "../lib/yaml.ts";
import { labelRecord, labelsFrom } from "../signals/labels.ts";
import type { RelabelRule } from "../signals/relabel-rule.ts";

/** What becomes of one line; `error` says what is wrong with the line or its rules, with the place. */
export type RelabelAnswer =
  | { readonly labels: Readonly<Record<string, string>> | null; readonly explain?: readonly RelabelStep[] }
  | { readonly error: string };

export interface RelabelLineOptions {
  /** Instead of the rules in the lines. */
  readonly rules?: readonly RelabelRule[] | undefined;
  /** Whether to say what each rule did. */
  readonly explain: boolean;
}

/** `{"labels":{…},"rules":[…]}`, the rules spelled as in prometheus.yml, to what they make of the labels. */
export function relabelLine(text: string, lineNumber: number, options: RelabelLineOptions): RelabelAnswer {
  const given = options.rules === undefined ? line : lineWithoutRules;
  const parsed = parseJson(text);
  if ("error" in parsed) return { error: `${parsed.error} (line ${lineNumber})` };
  const checked = check(given, parsed.value, text, lineNumber);
  if ("error" in checked) return checked;
  const rules = options.rules ?? (checked.value as z.output<typeof line>).rules;
  const { labels, steps } = relabelInSteps(rules, labelsFrom(checked.value.labels));
  return {
    labels: labels === undefined ? null : labelRecord(labels),
    ...(options.explain && { explain: steps }),
  };
}

const labels = z.record(
  z.string().min(1, "a label name cannot be empty"),
  z.string({ error: "expected text: the value of a label" }),
);

const line = z.strictObject({ labels, rules: relabelRules });

const lineWithoutRules = z.strictObject({ labels });

function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `not JSON: ${describeError(error)}` };
  }
}

/**
 * JSON is YAML: where there are mistakes, the config's parser tells their places, and what a number was spelled like
 * where the schema wants text.
 */
function check<S extends z.ZodType>(schema: S, value: unknown, text: string, lineNumber: number): Checked<S> {
  const result = schema.safeParse(value, { error: wordIssue });
  if (result.success) return { value: result.data };
  const { root = noNode } = parseYamlTree(text);
  const texts = new Set(wantedAsText(result.error.issues, root));
  const spelled = plainValue(root, (scalar) => (texts.has(scalar) ? scalar.text : scalar.value));
  const again = schema.safeParse(spelled, { error: wordIssue });
  if (again.success) return { value: again.data };
  return { error: describeIssues(again.error.issues, schema, root, lineNumber) };
}

type Checked<S extends z.ZodType> = { readonly value: z.output<S> } | { readonly error: string };

/** All mistakes of the line. */
function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  root: YamlNode,
  lineNumber: number,
): string {
  const checked = { schema, root, keyRange: root.range, otherKeys: [] };
  const mistakes = issues.flatMap((issue) => {
    const [key, index] = issue.path;
    const rule = key === "rules" && typeof index === "number" ? `rule ${index + 1}: ` : "";
    return placeIssue(issue, checked).map(({ message, hint, range }) => {
      const advice = hint === undefined ? "" : `; ${hint}`;
      return `${rule}${message}${advice} (line ${lineNumber}, column ${range.column})`;
    });
  });
  return mistakes.join("; ");
}

const noNode: YamlNode = {
  kind: "scalar",
  value: null,
  text: "",
  plain: true,
  raw: "",
  range: { line: 1, column: 1, length: 1 },
};
