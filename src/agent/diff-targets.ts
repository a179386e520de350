import type { LoadedConfig } from "../config/loaded.ts";
import { type ScrapedThing, scrapedThings } from "./target-sources.ts";

export interface TargetDiff {
  readonly isSame: boolean;
  /** For people; a line for each difference. */
  readonly text: string;
}

/**
 * Whether two configs scrape the same: targets that the configs name are worked out through all relabel rules and compared by
 * URL, labels and settings; discoveries are compared by their own config and by what is done with what they find.
 */
export function diffTargets(before: LoadedConfig, after: LoadedConfig): TargetDiff {
  const [old, now] = [scrapedThings(before), scrapedThings(after)];
  const lines = [
    ...onlyIn(old, now).map((name) => `- ${name}`),
    ...onlyIn(now, old).map((name) => `+ ${name}`),
    ...[...old].flatMap(([name, thing]) => changes(name, thing, now.get(name))),
  ];
  if (lines.length === 0) return { isSame: true, text: `${old.size} targets and discoveries, and they are the same.` };
  const legend = "- only in the old config, + only in the new one, ~ scraped in another way";
  return { isSame: false, text: [...lines, "", legend].join("\n") };
}

function onlyIn(these: ReadonlyMap<string, ScrapedThing>, others: ReadonlyMap<string, ScrapedThing>): string[] {
  return [...these.keys()].filter((name) => !others.has(name)).toSorted();
}

function changes(name: string, before: ScrapedThing, after: ScrapedThing | undefined): string[] {
  if (after === undefined) return [];
  const keys = [...new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])];
  const changed = keys.filter((key) => before.settings[key] !== after.settings[key]);
  return changed.length === 0 ? [] : [`~ ${name}: ${changed.toSorted().join(", ")}`];
}
