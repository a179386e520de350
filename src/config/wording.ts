import type { z } from "zod";
import { didYouMean } from "../lib/suggest.ts";

/** What a schema found wrong, in our words. Values are never repeated: they may come from outside, and be secret. */
export function wordIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${kindOf(issue.expected)}, found ${describeValue(issue.input)}`;
    case "invalid_value":
      return expectedOneOf(issue.values.map(String), issue.input);
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return issue.pattern === undefined ? `is not a valid ${issue.format}` : `does not have the form ${issue.pattern}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_union":
      return "has none of the forms that are allowed here";
    default:
      return "is not allowed here";
  }
}

/** `true or false` for `boolean`: the kinds of value, as a writer of YAML thinks of them. */
export function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

export function expectedOneOf(choices: readonly string[], input: unknown): string {
  const near = typeof input === "string" ? didYouMean(input, choices) : "";
  return choices.length === 1 ? `expected ${choices[0]}` : `expected one of ${choices.join(", ")}${near}`;
}

export function describeValue(input: unknown): string {
  if (input === null || input === undefined) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "number") return Number.isFinite(input) ? "a number" : String(input);
  return { boolean: "true or false", object: "a mapping" }[typeof input as string] ?? "text";
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  null: "nothing",
};

type Raw<Issue extends z.core.$ZodIssue> = z.core.$ZodRawIssue<Issue>;

function tooSmall({ origin, minimum, inclusive }: Raw<z.core.$ZodIssueTooSmall>): string {
  if (origin === "string") return minimum === 1 ? "must not be empty" : `must have at least ${minimum} characters`;
  if (origin === "array") return minimum === 1 ? "needs at least one item" : `needs at least ${minimum} items`;
  return inclusive === false ? `must be greater than ${minimum}` : `must be at least ${minimum}`;
}

function tooBig({ origin, maximum, inclusive }: Raw<z.core.$ZodIssueTooBig>): string {
  if (origin === "string") return `must have at most ${maximum} characters`;
  if (origin === "array") return `takes at most ${maximum} items`;
  return inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`;
}
