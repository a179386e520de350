import { evaluate } from "./template/evaluate.ts";
import type { GoFunctions } from "./template/function.ts";
import { dateFunctions } from "./template/functions/dates.ts";
import { generalFunctions } from "./template/functions/general.ts";
import { goFunctions } from "./template/functions/go.ts";
import { listFunctions } from "./template/functions/lists.ts";
import { numberFunctions } from "./template/functions/numbers.ts";
import { pathFunctions } from "./template/functions/paths.ts";
import { stringFunctions } from "./template/functions/strings.ts";
import { codeFunctions } from "./template/functions/text-codes.ts";
import { parseTemplate } from "./template/parser.ts";

/** What the template prints of the data. Throws an Error if an action fails: a function that does not take what it gets, … */
export type GoTemplate = (data: Readonly<Record<string, string | undefined>>) => string;

export interface GoTemplateOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** The time zone of dates for which none is named; this machine's if absent. */
  readonly location?: string;
}

/**
 * Go's text/template, with the functions of promtail's template stage and those of sprig that compute. What the data does
 * not have is printed as `<no value>`.
 *
 * Throws an Error that begins with the place, `line 1, column 4: …`, if the text is no template.
 */
export function compileTemplate(
  text: string,
  { now = Date.now, location = "Local" }: GoTemplateOptions = {},
): GoTemplate {
  const functions = withMust({
    ...stringFunctions,
    ...numberFunctions,
    ...listFunctions,
    ...generalFunctions,
    ...pathFunctions,
    ...dateFunctions(now, location),
    ...codeFunctions(),
    ...goFunctions,
  });
  const templates = parseTemplate(text, (name) => name === "and" || name === "or" || Object.hasOwn(functions, name));
  const program = { source: text, templates, functions };
  return (data) => evaluate(program, new Map(Object.entries(data)));
}

/** sprig has some functions twice: one that panics, and one that fails and is called must. Here both fail. */
const alsoMust = [
  ...[
    "append",
    "chunk",
    "compact",
    "dateModify",
    "deepCopy",
    "first",
    "has",
    "initial",
    "last",
    "merge",
    "mergeOverwrite",
  ],
  ...["prepend", "push", "regexFind", "regexFindAll", "regexMatch", "regexReplaceAll", "regexReplaceAllLiteral"],
  ...["regexSplit", "rest", "reverse", "slice", "toPrettyJson", "uniq", "without"],
];

function withMust(functions: GoFunctions): GoFunctions {
  const must = alsoMust.map((name) => [`must${name[0]?.toUpperCase()}${name.slice(1)}`, functions[name]]);
  return { ...functions, ...Object.fromEntries(must), must_date_modify: functions.date_modify };
}
