import { expect, test } from "vitest";
import { DeclaredTypes } from "../../../src/agent/scrape-once/declared-types.ts";
import type { PageFormat } from "../../../src/formats/exposition/content-type.ts";

const page = `# TYPE requests_total counter
# TYPE h histogram
 # 	TYPE s summary
# HELP x TYPE y gauge
# TYPE "with space \\"q\\"" gauge
# TYPE c counter
# TYPE i info
`;

test("series belong to the family whose TYPE line names them, suffixes left aside", () => {
  const f = (format: PageFormat, metric: string, want: string) => {
    const { name, type } = new DeclaredTypes(page, format).familyOf(metric, "told");
    expect(`${name} ${type}`).toBe(want);
  };
  f("text", "requests_total", "requests_total counter");
  f("text", "h_bucket", "h histogram");
  f("text", "h", "h histogram");
  f("text", "s_sum", "s summary");
  f("text", "s_bucket", "s_bucket untyped");
  f("text", "y", "y untyped");
  f("text", 'with space "q"', 'with space "q" gauge');
  f("text", "c_total", "c_total untyped");
  f("open-metrics", "c_total", "c counter");
  f("open-metrics", "i_info", "i info");
  f("open-metrics", "y", "y unknown");
});

test("a page of protobuf has no such lines: there its reader is believed", () => {
  const types = new DeclaredTypes(page, "protobuf");
  expect(types.familyOf("c_total", "counter")).toEqual({ name: "c_total", type: "counter" });
  expect(types.familyOf("z_bucket", "histogram")).toEqual({ name: "z", type: "histogram" });
});
