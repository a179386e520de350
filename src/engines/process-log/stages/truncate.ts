import type { Labels } from "../../../signals/labels.ts";
import { type Entry, withLabel } from "../entry.ts";
import { changing, OptionError, type StageKind } from "../stage.ts";
import { byteLength, truncateText } from "../truncate-text.ts";

export interface TruncateRule {
  /** Bytes, those of the suffix among them. */
  readonly limit: number;
  readonly source_type: "line" | "label" | "structured_metadata" | "extracted";
  /** Names; none means all. */
  readonly sources: readonly string[];
  readonly suffix: string;
}

export interface TruncateOptions {
  readonly rules: readonly TruncateRule[];
}

/** Cuts what is too long, and says in the extracted value `truncated` what it has cut. */
export const truncate: StageKind<TruncateOptions> = {
  name: "truncate",
  create({ rules }, { counts }) {
    rules.forEach(check);
    return changing((entry) => {
      const fields = rules.flatMap((rule) => {
        const cuts = applyRule(entry, rule);
        for (let cut = 0; cut < cuts; cut++) counts.truncated(rule.source_type);
        return cuts === 0 ? [] : [rule.source_type];
      });
      if (fields.length === 0) return;
      const before = entry.extracted.truncated?.split(",") ?? [];
      entry.extracted.truncated = [...new Set([...before, ...fields])].toSorted().join(",");
    });
  },
};

function check({ source_type, sources, suffix, limit }: TruncateRule, at: number): void {
  if (source_type === "line" && sources.length > 0) {
    throw new OptionError(["rules", at, "sources"], "means nothing to a line; leave it out");
  }
  if (byteLength(suffix) >= limit) throw new OptionError(["rules", at, "suffix"], "must be shorter than the limit");
}

/** How many values it has cut. */
function applyRule(entry: Entry, rule: TruncateRule): number {
  if (rule.source_type === "line") {
    const line = shorten(entry.line, rule);
    if (line === entry.line) return 0;
    entry.line = line;
    return 1;
  }
  if (rule.source_type === "extracted") return cutExtracted(entry, rule);
  const field = rule.source_type === "label" ? "labels" : "metadata";
  const before = entry[field];
  entry[field] = cutLabels(before, rule);
  return before.filter((text, at) => entry[field][at] !== text).length;
}

function cutExtracted({ extracted }: Entry, rule: TruncateRule): number {
  let cuts = 0;
  for (const name of rule.sources.length > 0 ? rule.sources : Object.keys(extracted)) {
    const value = extracted[name];
    const short = value === undefined ? undefined : shorten(value, rule);
    if (short === undefined || short === value) continue;
    extracted[name] = short;
    cuts++;
  }
  return cuts;
}

function cutLabels(labels: Labels, rule: TruncateRule): Labels {
  let cut = labels;
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    if (rule.sources.length > 0 && !rule.sources.includes(name)) continue;
    cut = withLabel(cut, name, shorten(labels[at + 1]!, rule));
  }
  return cut;
}

/** As in Alloy, the text must be longer than the limit without the suffix. */
function shorten(text: string, { limit, suffix }: TruncateRule): string {
  const room = limit - byteLength(suffix);
  const cut = truncateText(text, room);
  return cut.length === text.length ? text : cut + suffix;
}
