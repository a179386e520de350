import { type Re2, type Spans, spanText } from "../../lib/re2.ts";

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
export function compileTemplate(template: string, regex: Re2): Template {
  const parts = parseTemplate(template, regex.groups);
  const [only = ""] = parts;
  if (parts.length <= 1) return typeof only === "string" ? () => only : (text, spans) => spanText(text, spans, only);
  return (text, spans) => {
    let expanded = "";
    for (const part of parts) expanded += typeof part === "string" ? part : spanText(text, spans, part);
    return expanded;
  };
}

/** Literal text, or the number of a group. */
type Part = string | number;

function parseTemplate(template: string, groups: ReadonlyMap<string, number>): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: reference, 1: dollar, 2: braced, 3: bare, index } of template.matchAll(references)) {
    if (index > from) parts.push(template.slice(from, index));
    from = index + reference.length;
    if (dollar !== undefined) parts.push("$");
    else parts.push(groupNumber(braced ?? bare ?? "", groups) ?? "");
  }
  if (from < template.length) parts.push(template.slice(from));
  return parts;
}

/** A name is the longest run of letters, digits (Unicode's too) and underscores. */
const references = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** Names of digits are numbers, unless they have a leading zero or are beyond what Go takes for one. */
function groupNumber(name: string, groups: ReadonlyMap<string, number>): number | undefined {
  return /^(?:0|[1-9][0-9]{0,7})$/.test(name) ? Number(name) : groups.get(name);
}
