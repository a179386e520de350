import type { Component } from "../component.ts";
import { plainValue, type YamlNode, type YamlRange, type YamlScalar } from "../lib/yaml.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import { placeIssue, wantedAsText } from "./issues.ts";
import { type ConfigFile, placeOf } from "./parse.ts";
import type { Values } from "./values.ts";
import { wordIssue } from "./wording.ts";

interface Subject {
  readonly schema: Component["config"];
  readonly root: YamlNode;
  readonly keyRange: YamlRange;
  readonly file: ConfigFile;
  readonly values: Values;
  /** Keys beside those of the schema, to be suggested. */
  readonly otherKeys?: readonly string[];
}

interface SchemaResult {
  /** What the schema made of it; undefined where there are mistakes. */
  readonly value: unknown;
  /** What the schema was given. */
  readonly input: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a tree against a schema. An unquoted `1.10` or `true` where the schema wants text is taken as it is spelled,
 * as Prometheus does; so is a number from outside, such as a password of digits.
 */
export function checkSchema({ schema, root, keyRange, file, values, otherKeys = [] }: Subject): SchemaResult {
  const texts = new Set<YamlScalar>();
  const parse = () => {
    const input = plainValue(root, (scalar) => (texts.has(scalar) ? values.text(scalar) : values.value(scalar)));
    return { input, result: schema.safeParse(input, { error: wordIssue }) };
  };
  let { input, result } = parse();
  for (const scalar of wantedAsText(result.error?.issues ?? [], root)) texts.add(scalar);
  if (texts.size > 0) ({ input, result } = parse());
  if (result.success) return { value: result.data, input, diagnostics: [] };
  const diagnostics = result.error.issues
    .flatMap((issue) => placeIssue(issue, { schema, root, keyRange, otherKeys }))
    .filter(({ node }) => node?.kind !== "scalar" || !values.isBroken(node))
    .map(({ message, hint, range }) => mistake(values.hideIn(message), placeOf(file, range), hint));
  return { value: undefined, input, diagnostics };
}
