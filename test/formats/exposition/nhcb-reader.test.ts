import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { NhcbReader } from "../../../src/formats/exposition/nhcb-reader.ts";
import type { NhcbOptions } from "../../../src/formats/exposition/nhcb-rows.ts";
import { scanOpenMetrics } from "../../../src/formats/exposition/open-metrics.ts";
import type { PageReader } from "../../../src/formats/exposition/page-reader.ts";
import { ProtobufReader } from "../../../src/formats/exposition/protobuf.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { scanText } from "../../../src/formats/exposition/scan.ts";
import { TextReader } from "../../../src/formats/exposition/text-reader.ts";
import { encodeFamilies, familyTypes } from "../../corpus/client-model.ts";
import { classicHistogram } from "../../corpus/native-histograms.ts";

const plain: NhcbOptions = { isOpenMetrics: false, classicHistograms: false, bucketLimit: 0 };

/** What test/system/scrape-corpus.test.ts compares with Prometheus is not told here again, but in its main lines. */
class Pages {
  readonly rows = new Rows();
  readonly reader: PageReader;
  body = new Body();

  constructor(options: Partial<NhcbOptions> = {}, pages: PageReader = new TextReader(scanText)) {
    this.reader = new NhcbReader(pages, { ...plain, ...options });
  }

  /** `h{a="1"} count 3`, and what is wrong. */
  read(page: string | Buffer): string[] {
    this.body = new Body();
    this.body.append(Buffer.from(page));
    this.rows.clear();
    const error = this.reader.read(this.body, this.rows);
    const lines = Array.from({ length: this.rows.length }, (_, row) => this.#line(row));
    return [...lines, ...(error === undefined ? [] : [error.message])];
  }

  entries(): number[] {
    return [...this.rows.entries.subarray(0, this.rows.length)];
  }

  #line(row: number): string {
    const [, name, ...labels] = this.reader.takeLabels(this.rows.entries[row]!, this.body);
    const histogram = this.rows.histograms.get(row);
    const value = this.rows.refused.has(row)
      ? "refused"
      : histogram
        ? `count ${histogram.count}`
        : this.rows.values[row];
    const exemplars = this.rows.exemplars.filter((exemplar) => exemplar.row === row).map(({ value }) => `# ${value}`);
    return [name, ...labels, this.reader.typeOf(this.rows.entries[row]!), value, ...exemplars].join(" ");
  }
}

const histogramOf = (a: string, name = "h") => `${name}_bucket{a="${a}",le="1"} 1
${name}_bucket{a="${a}",le="+Inf"} 3
${name}_sum{a="${a}"} 2
${name}_count{a="${a}"} 3
`;

test("classic histograms become native ones, and everything else stays as it is", () => {
  const page = `# TYPE g gauge\ng 1\n# TYPE h histogram\n${histogramOf("x")}${histogramOf("y")}# TYPE c counter\nc 2\n`;
  expect(new Pages().read(page)).toEqual([
    "g gauge 1",
    "h a x histogram count 3",
    "h a y histogram count 3",
    "c counter 2",
  ]);
});

test("the classic series can be kept beside them, without the exemplars", () => {
  const page = '# TYPE h histogram\nh_bucket{le="+Inf"} 3 # {} 5 1\nh_count 3\nother 1 # {} 6 1\n# EOF\n';
  const options = { classicHistograms: true, isOpenMetrics: true };
  expect(new Pages(options, new TextReader(scanOpenMetrics)).read(page)).toEqual([
    "h_bucket le +Inf histogram 3",
    "h_count histogram 3",
    "h histogram count 3 # 5",
    "other histogram 1 # 6",
  ]);
});

test("a TYPE line counts by where it stands, also for series that are known", () => {
  const pages = new Pages();
  const series = 'h_bucket{le="+Inf"} 3\nh_count 3\n';
  expect(pages.read(`# TYPE h histogram\n${series}`)).toEqual(["h histogram count 3"]);
  expect(pages.read(`# TYPE g histogram\n${series}`)).toEqual(["h_bucket le +Inf histogram 3", "h_count histogram 3"]);
  expect(pages.read(`# TYPE h gauge\n${series}`)).toHaveLength(2);
  expect(pages.read(series)).toHaveLength(2);
  expect(pages.read(`# TYPE h histogram\n${series}`)).toEqual(["h histogram count 3"]);
});

test("more buckets than the limit fail the page when it is read", () => {
  const page = `# TYPE h histogram\n${histogramOf("x")}# TYPE g gauge\ng 1\n`;
  expect(new Pages({ bucketLimit: 2 }).read(page)).toEqual(["h a x histogram count 3", "g gauge 1"]);
  expect(new Pages({ bucketLimit: 1 }).read(page)).toEqual([
    "h a x histogram refused",
    "g gauge 1",
    'the histogram "h" has more than 1 buckets, its native_histogram_bucket_limit',
  ]);
});

test("a histogram that a mistake cuts is not told, one that ended before is", () => {
  const page = `# TYPE h histogram\n${histogramOf("x")}${histogramOf("y")}{{\n`;
  expect(new Pages().read(page)).toEqual(["h a x histogram count 3", 'line 10: expected a label name, found "{"']);
});

test("native histograms of protobuf are not made again, classic ones beside them are", () => {
  const both = { ...classicHistogram, schema: 0, positive_span: [{ offset: 0, length: 1 }], positive_delta: [3] };
  const metric = (a: string, histogram: object) => ({ label: [{ name: "a", value: a }], histogram });
  const family = encodeFamilies(
    { name: "h", type: familyTypes.histogram, metric: [metric("x", both)] },
    { name: "i", type: familyTypes.histogram, metric: [metric("x", classicHistogram)] },
  );
  const options = {
    nativeHistograms: true,
    classicHistograms: true,
    bucketLimit: 0,
    minBucketFactor: 0,
    startTimestamps: false,
  };
  const lines = new Pages({ classicHistograms: true }, new ProtobufReader(options)).read(family);
  expect(lines.filter((line) => line.includes("count 3"))).toEqual([
    "h a x histogram count 3",
    "i a x histogram count 3",
  ]);
  expect(lines).toHaveLength(12);
});

test("entries are the same from page to page, and when others are dropped", () => {
  const pages = new Pages();
  const page = `# TYPE h histogram\n${histogramOf("x")}${histogramOf("y")}# TYPE g gauge\ng 1\n`;
  pages.read(page);
  const before = pages.entries();
  pages.read(page);
  expect(pages.entries()).toEqual(before);
  const [, kept = 0, gauge = 0] = before;
  const renumbered = pages.reader.compact((entry) => entry === kept || entry === gauge);
  expect(pages.read(page)).toEqual(["h a x histogram count 3", "h a y histogram count 3", "g gauge 1"]);
  expect(pages.reader.takeLabels(renumbered[kept]!, pages.body)).toEqual(["__name__", "h", "a", "y"]);
  expect(pages.reader.takeLabels(renumbered[gauge]!, pages.body)).toEqual(["__name__", "g"]);
  expect(pages.entries().slice(1)).toEqual([renumbered[kept], renumbered[gauge]]);
});

test("is crowded by what has gone, not by the series that histograms are made of", () => {
  const page = (from: number, to: number) =>
    `# TYPE h histogram\n${Array.from({ length: to - from }, (_, at) => histogramOf(String(from + at))).join("")}`;
  const pages = new Pages();
  pages.read(page(0, 600));
  expect(pages.reader.isCrowded(600)).toBe(false);
  pages.read(page(600, 610));
  expect(pages.reader.isCrowded(10)).toBe(true);
  pages.reader.compact((entry) => pages.entries().includes(entry));
  expect(pages.reader.isCrowded(10)).toBe(false);
  expect(pages.read(page(600, 601))).toEqual(["h a 600 histogram count 3"]);
});

test("metadata are those of the page", () => {
  const pages = new Pages();
  pages.read(`# HELP h Text.\n# TYPE h histogram\n${histogramOf("x")}`);
  expect(pages.reader.metadata()).toEqual([{ family: "h", type: "histogram", help: "Text.", unit: "" }]);
  expect(pages.reader.metadataVersion).toBeGreaterThan(0);
});
