import { firstSpanText, type Re2, type Spans, spanText } from "./re2.ts";

/** A replacement with its groups filled in from a match. */
export type Template = (text: string, spans: Spans) => string;

/**
 * Go's `Regexp.Expand`, which is not JavaScript's `replace`:
 *
 *     $1x    the group named `1x`, the longest name wins      ${1}x   group 1, then an x
 *     $$     a dollar sign                                    $&  $-  literal, as is any other $ before what is no name
 *     ${a    literal: no brace right after the name           $0      the whole match
 *
 * A group that does not exist or took no part in the match is empty.
 */
export function compileExpand(template: string, regex: Re2): Template {
  const parts = parseTemplate(template, regex.groups);
  const [only = ""] = parts;
  if (parts.length <= 1) return (text, spans) => partText(only, text, spans);
  return (text, spans) => {
    let expanded = "";
    for (const part of parts) expanded += partText(part, text, spans);
    return expanded;
  };
}

/** Literal text, the number of a group, or the numbers of several that share a name. */
type Part = string | number | readonly number[];

function partText(part: Part, text: string, spans: Spans): string {
  if (typeof part === "string") return part;
  return typeof part === "number" ? spanText(text, spans, part) : firstSpanText(text, spans, part);
}

function parseTemplate(template: string, groups: Re2["groups"]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: reference, 1: dollar, 2: braced, 3: bare, index } of template.matchAll(references)) {
    if (index > from) parts.push(template.slice(from, index));
    from = index + reference.length;
    if (dollar !== undefined) parts.push("$");
    else parts.push(groupPart(braced ?? bare ?? "", groups) ?? "");
  }
  if (from < template.length) parts.push(template.slice(from));
  return parts;
}

/** A name is the longest run of letters, digits (Unicode's too) and underscores. */
const references = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Names of digits are numbers, unless they have a leading zero or are beyond what Go takes for one. */
function groupPart(name: string, groups: Re2["groups"]): Part | undefined {
  if (/^(?:0|[1-9][0-9]{0,7})$/.test(name)) return Number(name);
  const numbers = groups.get(name);
  return numbers?.length === 1 ? numbers[0] : numbers;
}
