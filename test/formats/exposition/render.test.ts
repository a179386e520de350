import { expect, test } from "vitest";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricFamily, MetricType } from "../../../src/signals/metric-family.ts";

type Row = readonly [name: string, labels: Record<string, string>, value: number];

function family(name: string, help: string, type: MetricType, ...rows: Row[]): MetricFamily {
  return {
    name,
    help,
    type,
    samples: rows.map(([name, labels, value]) => ({ name, labels: labelsFrom(labels), value })),
  };
}

test("families by name, series by their labels' values", () => {
  const cpu = family("cpu", "Time.", "counter", ["cpu", { cpu: "2" }, 1], ["cpu", { cpu: "10" }, 2], ["cpu", {}, 3]);
  const up = family("a_up", "Is it?", "gauge", ["a_up", {}, 1]);
  expect(renderFamilies([cpu, up])).toBe(`# HELP a_up Is it?
# TYPE a_up gauge
a_up 1
# HELP cpu Time.
# TYPE cpu counter
cpu 3
cpu{cpu="10"} 2
cpu{cpu="2"} 1
`);
});

test("the parts of a histogram stay together and in order", () => {
  const rows = (code: string): Row[] => [
    ["h_bucket", { code, le: "0.5" }, 1],
    ["h_bucket", { code, le: "10" }, 2],
    ["h_bucket", { code, le: "+Inf" }, 3],
    ["h_sum", { code }, 4.5e7],
    ["h_count", { code }, 3],
  ];
  expect(renderFamilies([family("h", "", "histogram", ...rows("b"), ...rows("a"))])).toBe(`# HELP h 
# TYPE h histogram
h_bucket{code="a",le="0.5"} 1
h_bucket{code="a",le="10"} 2
h_bucket{code="a",le="+Inf"} 3
h_sum{code="a"} 4.5e+07
h_count{code="a"} 3
h_bucket{code="b",le="0.5"} 1
h_bucket{code="b",le="10"} 2
h_bucket{code="b",le="+Inf"} 3
h_sum{code="b"} 4.5e+07
h_count{code="b"} 3
`);
});

test("the label of a bucket or a quantile stands behind all others", () => {
  const histogram = family("h", "H.", "histogram", ["h_bucket", { le: "1", zone: "a" }, 1]);
  const summary = family("s", "S.", "summary", ["s", { quantile: "0.5", zone: "a" }, 1]);
  expect(renderFamilies([histogram, summary])).toBe(`# HELP h H.
# TYPE h histogram
h_bucket{zone="a",le="1"} 1
# HELP s S.
# TYPE s summary
s{zone="a",quantile="0.5"} 1
`);
});

test("of the same family and the same series the first counts; an empty family is not printed", () => {
  const first = family("m", "first", "gauge", ["m", { a: "1" }, 1], ["m", { a: "1" }, 2]);
  const second = family("m", "second", "counter", ["m", { a: "1" }, 3], ["m", { a: "2" }, 4]);
  expect(renderFamilies([first, second, family("none", "", "gauge")])).toBe(`# HELP m first
# TYPE m gauge
m{a="1"} 1
m{a="2"} 4
`);
});

test("escapes help and label values", () => {
  const odd = family("m", 'a\\b\n"c"', "untyped", ["m", { a: 'x\\y\n"z"' }, Number.NaN]);
  expect(renderFamilies([odd])).toBe('# HELP m a\\\\b\\n"c"\n# TYPE m untyped\nm{a="x\\\\y\\n\\"z\\""} NaN\n');
});
