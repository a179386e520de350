import type { MetricMetadata } from "../../signals/metadata.ts";
import { isSeries, type SeriesCache } from "./series-cache.ts";

/** `# HELP name text` and the like, in either text format: a name that is quoted may be anything. */
const form = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:\\.|[^"\\])*)"|([^ \t"]+))(?:[ \t]+([\s\S]*))?$/;

/**
 * What the HELP, TYPE and UNIT lines of a page say of its families. They are read from the lines that the cache keeps, so
 * that a scrape does nothing for it. Of two lines about the same the later one counts.
 */
export function metadataFrom(cache: SeriesCache): MetricMetadata[] {
  const families = new Map<string, { -readonly [Field in keyof MetricMetadata]: MetricMetadata[Field] }>();
  for (let entry = 1; entry < cache.size; entry++) {
    if (isSeries(cache.kind(entry))) continue;
    const [, word, quoted, plain = "", text = ""] = form.exec(cache.metaText(entry)) ?? [];
    const family = quoted === undefined ? plain : unescapeText(quoted);
    if (family === "") continue;
    const known = families.get(family) ?? { family, type: "untyped", help: "", unit: "" };
    families.set(family, known);
    if (word === "TYPE") known.type = text.trim();
    else if (word === "HELP") known.help = unescapeText(text);
    else known.unit = text;
  }
  return [...families.values()];
}

/** Both formats escape the backslash and the end of a line; OpenMetrics also the quote. */
function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\n"])/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}
