import { expect, test } from "vitest";
import { didYouMean } from "../../src/lib/suggest.ts";

test("suggests the nearest word when few letters are wrong, and nothing when many are", () => {
  const words = ["scrape_interval", "scrape_timeout", "level", "targets", "prometheus.exporter.self"];
  const f = (word: string, want: string) => expect(didYouMean(word, words), word).toBe(want);
  f("scrape_intervall", "; did you mean `scrape_interval`?");
  f("scrap_timeout", "; did you mean `scrape_timeout`?");
  f("levle", "; did you mean `level`?");
  f("target", "; did you mean `targets`?");
  f("interval", "");
  f("prometheus.exporter.node", "");
  f("x", "");
});
