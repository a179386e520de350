import type { MetricMetadata } from "../../signals/metadata.ts";
import type { Declaration } from "./page-reader.ts";
import { declaredType, type SeriesCache } from "./series-cache.ts";

/** `# HELP name text` and the like, in either text format: a name that is quoted may be anything. */
const form = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:\\.|[^"\\])*)"|([^ \t"]+))(?:[ \t]+([\s\S]*))?$/;

/**
 * What the HELP, TYPE and UNIT lines of a page say of its families. They are read from the lines that the cache keeps, so
 * that a scrape does nothing for it. Of two lines about the same the later one counts.
 */
export function metadataFrom(cache: SeriesCache): MetricMetadata[] {
  const families = new Map<string, { -readonly [Field in keyof MetricMetadata]: MetricMetadata[Field] }>();
  for (const entry of cache.metaEntries()) {
    const { word, family, text } = metaLineOf(cache, entry);
    if (family === "") continue;
    const known = families.get(family) ?? { family, type: "untyped", help: "", unit: "" };
    families.set(family, known);
    if (word === "TYPE") known.type = text.trim();
    else if (word === "HELP") known.help = unescapeText(text);
    else known.unit = text;
  }
  return [...families.values()];
}

/** The family that a TYPE line is about, and its type; undefined for any other entry. */
export function declarationOf(cache: SeriesCache, entry: number): Declaration | undefined {
  if (entry < 0 || declaredType(cache.kind(entry)) === undefined) return undefined;
  const { family, text } = metaLineOf(cache, entry);
  return { family, type: text.trim() };
}

function metaLineOf(cache: SeriesCache, entry: number): { word: string; family: string; text: string } {
  const [, word = "", quoted, plain = "", text = ""] = form.exec(cache.metaText(entry)) ?? [];
  return { word, family: quoted === undefined ? plain : unescapeText(quoted), text };
}

/** Both formats escape the backslash and the end of a line; OpenMetrics also the quote. */
function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\n"])/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}
