import { z } from "zod";
import { describeError } from "../../lib/errors.ts";
import { compileAnchored } from "../../lib/re2.ts";
import { type RelabelAction, type RelabelRule, relabelActions } from "../../signals/relabel-rule.ts";

/** Prometheus reads every scalar as text: `regex: true` is what people write. A null is the empty text, not a default. */
const text = z
  .union([z.string(), z.int(), z.boolean(), z.null()], { error: "expected text; put a number with a point in quotes" })
  .transform((value) => String(value ?? ""));

/** A null among them is taken, as by Prometheus: a label that no set has. */
const sourceLabel = z.union([
  z.null().transform(() => ""),
  text.refine((name) => name !== "", "a label name cannot be empty"),
]);

const action = z
  .string({ error: "expected the name of an action" })
  .transform((name) => name.toLowerCase())
  .pipe(z.enum(relabelActions));

const fields = z.strictObject({
  source_labels: z
    .array(sourceLabel)
    .nullish()
    .describe("Labels whose values, joined by the separator, the rule looks at."),
  separator: text.prefault(";").describe("Stands between the values of the source labels."),
  // Not a default: Prometheus tells `regex: (.*)` from no regex where a regex has no place.
  regex: text
    .optional()
    .describe("RE2 expression that must match all of the joined values, or a label's name; `(.*)` if it is left out."),
  modulus: z.number().min(0).max(Number.MAX_SAFE_INTEGER).nullish().describe("Divisor of `hashmod`."),
  target_label: text.optional().describe("Label that the result goes to; `replace` fills in `$1` from the match."),
  replacement: text.prefault("$1").describe("The result, with `$1` or `$name` filled in from the match."),
  action: action.prefault("replace").describe(`What to do: ${relabelActions.map((name) => `\`${name}\``).join(", ")}.`),
});

/** One rule, spelled as in prometheus.yml and as strict as Prometheus is about what belongs to which action. */
export const relabelRule = fields.transform((given, context): RelabelRule => {
  const rule = complete(given);
  for (const [field, message] of mistakesIn(given, rule)) {
    context.addIssue({ code: "custom", path: [field], message });
  }
  return rule;
});

export const relabelRules = z.array(relabelRule);

type Given = z.output<typeof fields>;
type Field = keyof RelabelRule;

function complete(given: Given): RelabelRule {
  return {
    action: given.action,
    source_labels: given.source_labels ?? [],
    separator: given.separator,
    regex: given.regex ?? "(.*)",
    modulus: Math.trunc(given.modulus ?? 0),
    target_label: given.target_label ?? "",
    replacement: given.replacement,
  };
}

function* mistakesIn(given: Given, rule: RelabelRule): Generator<[Field, string]> {
  const { action } = rule;
  const misplaced = (misplacedFields[action] ?? []).filter((field) => isGiven(field, given, rule));
  for (const field of misplaced) yield [field, `${field} means nothing to ${action}; leave it out`];
  if (needTarget.has(action) && rule.target_label === "") yield ["target_label", `${action} needs a target_label`];
  if (action === "hashmod" && rule.modulus === 0) yield ["modulus", "hashmod needs a modulus of at least 1"];
  if (action === "labelmap" && rule.replacement === "") yield ["replacement", "labelmap needs a replacement"];
  const broken = regexError(rule.regex);
  if (broken !== undefined) yield ["regex", broken];
}

const needTarget: ReadonlySet<RelabelAction> = new Set([
  "replace",
  "hashmod",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
]);

const equalTakesNo = ["regex", "separator", "modulus", "replacement"] as const;
const labelFilterTakesNo = ["source_labels", "target_label", "separator", "modulus", "replacement"] as const;

/** What Prometheus refuses rather than ignores. */
const misplacedFields: Partial<Record<RelabelAction, readonly Field[]>> = {
  lowercase: ["replacement"],
  uppercase: ["replacement"],
  keepequal: equalTakesNo,
  dropequal: equalTakesNo,
  labeldrop: labelFilterTakesNo,
  labelkeep: labelFilterTakesNo,
};

/** A default that is spelled out counts as not given, except for the two fields whose defaults are not values. */
function isGiven(field: Field, given: Given, rule: RelabelRule): boolean {
  if (field === "regex") return given.regex !== undefined;
  if (field === "source_labels") return (given.source_labels ?? undefined) !== undefined;
  return rule[field] !== defaults[field];
}

const defaults: Partial<RelabelRule> = { separator: ";", modulus: 0, target_label: "", replacement: "$1" };

function regexError(source: string): string | undefined {
  try {
    compileAnchored(source);
    return undefined;
  } catch (error) {
    return describeError(error).replace("error parsing regexp", "not an RE2 expression");
  }
}
