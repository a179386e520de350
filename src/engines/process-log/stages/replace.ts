import { compileTemplate } from "../../../formats/log-line/go-template.ts";
import { compileRe2, firstSpanText, type Re2, type Spans } from "../../../lib/re2.ts";
import { sourceText } from "../entry.ts";
import { changing, OptionError, readOption, type StageKind } from "../stage.ts";

export interface ReplaceOptions {
  readonly expression: string;
  /** A template; `.Value` is the text of the group. */
  readonly replace: string;
  readonly source: string;
}

/** Puts something else in the place of every group of every match. */
export const replace: StageKind<ReplaceOptions> = {
  name: "replace",
  create({ expression, replace: text, source }, { clock }) {
    if (expression === "") throw new OptionError(["expression"], "must not be empty");
    const re = readOption(["expression"], "an RE2 expression", () => compileRe2(expression));
    const template = readOption(["replace"], "a template", () => compileTemplate(text, { now: () => clock.now() }));
    return changing((entry) => {
      const input = sourceText(entry, source);
      const matches = input === undefined ? [] : allMatches(re, input);
      if (input === undefined || matches.length === 0) return;
      const data: Record<string, string> = Object.assign(Object.create(null), entry.extracted);
      const replaced = replaceGroups(input, matches, (value) => template(Object.assign(data, { Value: value })));
      if (replaced === undefined) return;
      if (source === "") entry.line = replaced.text;
      else entry.extracted[source] = replaced.text;
      for (const [name, groups] of re.groups) {
        const value = replaced.values.get(firstSpanText(input, matches[0] ?? [], groups));
        if (value !== undefined) entry.extracted[name] = value;
      }
    });
  },
};

function allMatches(re: Re2, text: string): Spans[] {
  const matches: Spans[] = [];
  for (let from = 0; from <= text.length; ) {
    const spans = re.find(text, from);
    if (spans === undefined) break;
    const [start = 0, end = 0] = spans;
    // An empty match right behind another one is none.
    const isEmptyBehind = start === end && matches.at(-1)?.[1] === start;
    if (!isEmptyBehind) matches.push(spans);
    from = end > start ? end : end + 1;
  }
  return matches;
}

/** The text, and what became of each text of a group; undefined where the template cannot be filled in. */
function replaceGroups(
  input: string,
  matches: readonly Spans[],
  fill: (value: string) => string,
): { text: string; values: ReadonlyMap<string, string> } | undefined {
  const values = new Map<string, string>();
  let text = "";
  let copied = 0;
  try {
    for (const [start, end] of matches.flatMap(groupsOf)) {
      const value = input.slice(start, end);
      const replacement = fill(value);
      values.set(value, replacement);
      // A group within another one that is replaced already is gone.
      if (start < copied) continue;
      text += input.slice(copied, start) + replacement;
      copied = end;
    }
  } catch {
    return undefined;
  }
  return { text: text + input.slice(copied), values };
}

/** Where the groups lie that took part in the match. */
function groupsOf(spans: Spans): [start: number, end: number][] {
  const groups: [number, number][] = [];
  for (let at = 2; at < spans.length; at += 2) {
    if (spans[at]! >= 0) groups.push([spans[at]!, spans[at + 1]!]);
  }
  return groups;
}
