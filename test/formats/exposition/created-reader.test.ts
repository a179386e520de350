import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { CreatedReader } from "../../../src/formats/exposition/created-reader.ts";
import { NhcbReader } from "../../../src/formats/exposition/nhcb-reader.ts";
import { scanOpenMetrics } from "../../../src/formats/exposition/open-metrics.ts";
import type { PageReader } from "../../../src/formats/exposition/page-reader.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { TextReader } from "../../../src/formats/exposition/text-reader.ts";

function pages(reader: PageReader = new CreatedReader(new TextReader(scanOpenMetrics))) {
  const rows = new Rows();
  rows.marks = [];
  const read = (page: string): string[] => {
    const body = new Body();
    body.append(Buffer.from(`${page}# EOF\n`));
    rows.clear();
    const mistake = reader.read(body, rows);
    if (mistake !== undefined) throw mistake;
    return Array.from({ length: rows.length }, (_, row) => {
      const [, name, ...labels] = reader.takeLabels(rows.entries[row]!, body);
      const exemplars = rows.exemplars.filter((exemplar) => exemplar.row === row).map(({ value }) => `# ${value}`);
      const value = rows.histograms.has(row) ? "histogram" : rows.values[row];
      const start = rows.hasStarts && rows.starts[row] !== 0 ? [`since ${rows.starts[row]}`] : [];
      return [name, ...labels, value, ...start, ...exemplars].join(" ");
    });
  };
  return { read, rows, reader };
}

const counters = `\
# TYPE c counter
c_total{a="1",b="x"} 5 # {} 7
c_created{b="x",a="1"} 1700000000.25
c_total{a="2"} 6 # {} 8
# TYPE d counter
d_total 1
`;

test("the created series of a counter says since when its other one counts, whatever the order of labels", () => {
  const { read, rows } = pages();
  expect(read(counters)).toEqual(["c_total a 1 b x 5 since 1700000000250 # 7", "c_total a 2 6 # 8", "d_total 1"]);
  // The lines that declare types stand where they stood.
  expect(rows.marks?.filter((_, at) => at % 2 === 0)).toEqual([0, 2]);
});

test("series of histograms and summaries share a start, which le and quantile are no part of", () => {
  const { read } = pages();
  const page = `\
# TYPE h histogram
h_bucket{a="1",le="1.0"} 1
h_bucket{a="1",le="+Inf"} 3
h_count{a="1"} 3
h_sum{a="1"} 2
h_created{a="1"} 1.5
# TYPE s summary
s{quantile="0.5"} 1
s_count 3
s_sum 2
s_created 2.9999
`;
  expect(read(page)).toEqual([
    "h_bucket a 1 le 1.0 1 since 1500",
    "h_bucket a 1 le +Inf 3 since 1500",
    "h_count a 1 3 since 1500",
    "h_sum a 1 2 since 1500",
    "s quantile 0.5 1 since 2999",
    "s_count 3 since 2999",
    "s_sum 2 since 2999",
  ]);
});

test("in other families the name means nothing", () => {
  const { read } = pages();
  expect(read("m_created 5\n# TYPE g gauge\ng_created 5\ng 1\n# TYPE u unknown\nu_created 1\n")).toEqual([
    "m_created 5",
    "g_created 5",
    "g 1",
    "u_created 1",
  ]);
});

test("each page says it anew, and what is no time is none", () => {
  const { read } = pages();
  const page = (start: string) => `# TYPE c counter\nc_total 5\n${start}`;
  expect(read(page("c_created 1\n"))).toEqual(["c_total 5 since 1000"]);
  expect(read(page("c_created 2\n"))).toEqual(["c_total 5 since 2000"]);
  expect(read(page(""))).toEqual(["c_total 5"]);
  for (const odd of ["NaN", "+Inf", "0", "1e300"]) expect(read(page(`c_created ${odd}\n`))).toEqual(["c_total 5"]);
});

test("what is kept of a page goes on, the created series that are in no row among them", () => {
  const { read, rows, reader } = pages();
  read(counters);
  const { size } = reader;
  const kept = new Set(rows.entries.subarray(0, 1));
  reader.compact((entry) => kept.has(entry));
  const { size: smaller } = reader;
  expect(smaller).toBeLessThan(size);
  expect(read(counters)[0]).toBe("c_total a 1 b x 5 since 1700000000250 # 7");
});

test("a page of created series, one for each other one, is not crowded", () => {
  const { read, reader } = pages();
  const lines = Array.from({ length: 2000 }, (_, at) => `c_total{at="${at}"} 1\nc_created{at="${at}"} 1\n`);
  read(`# TYPE c counter\n${lines.join("")}`);
  expect(reader.isCrowded(1000)).toBe(false);
});

test("a histogram that is converted begins when its classic series do", () => {
  const options = { isOpenMetrics: true, classicHistograms: false, bucketLimit: 0 };
  const created = new CreatedReader(new TextReader(scanOpenMetrics));
  const { read } = pages(new NhcbReader(created, options));
  const page = `# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_count 3\nh_sum 2\nh_created 1.5\n`;
  expect(read(`${counters}${page}`)).toEqual([
    "c_total a 1 b x 5 since 1700000000250 # 7",
    "c_total a 2 6 # 8",
    "d_total 1",
    "h histogram since 1500",
  ]);
});
