import fc from "fast-check";
import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { scanOpenMetrics } from "../../../src/formats/exposition/open-metrics.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { SeriesCache } from "../../../src/formats/exposition/series-cache.ts";
import { SkippedLines } from "../../../src/formats/exposition/skipped-lines.ts";
import type { Sample } from "../../reference/exposition.ts";
import { type OpenMetricsPage, parseOpenMetrics } from "../../reference/open-metrics.ts";

/** Scans one page after the other, as for one target. */
class Scans {
  readonly cache = new SeriesCache();
  readonly body = new Body(16);
  readonly #rows = new Rows();
  readonly #labels = new Map<number, string[]>();

  scan(text: string | Uint8Array, skipped?: SkippedLines): OpenMetricsPage & { readonly error: string | undefined } {
    this.body.clear();
    this.body.append(Buffer.from(text));
    this.#rows.clear();
    const error = scanOpenMetrics(this.body, this.cache, this.#rows, skipped);
    const samples: Sample[] = [];
    for (let row = 0; row < this.#rows.length; row++) {
      samples.push({
        labels: this.#labelsOf(this.#rows.entries[row]!),
        value: this.#rows.values[row]!,
        timestamp: present(this.#rows.timestamps[row]!),
      });
    }
    const exemplars = this.#rows.exemplars.map((exemplar) => {
      return { ...exemplar, timestamp: present(exemplar.timestamp) };
    });
    return { samples, exemplars, failed: error !== undefined, error: error?.message };
  }

  #labelsOf(entry: number): string[] {
    const labels = this.#labels.get(entry) ?? this.cache.takeLabels(entry, this.body);
    this.#labels.set(entry, labels);
    return labels;
  }
}

function present(timestamp: number): number | undefined {
  return Number.isNaN(timestamp) ? undefined : timestamp;
}

/** The samples of a page that ends as it must, one line each, exemplars behind a `#`. */
function samplesOf(text: string): string[] {
  const { samples, exemplars, error } = new Scans().scan(`${text}\n# EOF\n`);
  if (error !== undefined) throw new Error(error);
  return samples.map(({ labels, value, timestamp }, row) => {
    const found = exemplars
      .filter((exemplar) => exemplar.row === row)
      .flatMap((exemplar) => ["#", ...exemplar.labels, exemplar.value, exemplar.timestamp ?? "-"]);
    return [...labels, value, ...(timestamp === undefined ? [] : [timestamp]), ...found].join(" ");
  });
}

test("reads series, values, timestamps and exemplars", () => {
  const page = [
    "# TYPE requests counter",
    "# UNIT latency_seconds seconds",
    "# HELP requests How many.",
    'requests_total{code="200"} 1.5 1700000000.25 # {trace_id="4bf9"} 0.7 1700000000.5',
    "up 1",
  ];
  expect(samplesOf(page.join("\n"))).toEqual([
    "__name__ requests_total code 200 1.5 1700000000250 # trace_id 4bf9 0.7 1700000000500",
    "__name__ up 1",
  ]);
});

test("reads what Prometheus reads", () => {
  const f = (text: string, want: string) => expect(samplesOf(text), text).toEqual([want]);
  f("m 1", "__name__ m 1");
  f("m{} 1", "__name__ m 1");
  f('m{a="b",} 1', "__name__ m a b 1");
  f('{"a.b",x="y"} 1', "__name__ a.b x y 1");
  f('{x="y","a.b",} 1', "__name__ a.b x y 1");
  f('{"two\nlines"} 1', "__name__ two\nlines 1");
  f('m{"x y"="z"} 1', "__name__ m x y z 1");
  f('m{a="x\\\\y\\"z\\nw\\t"} 1', '__name__ m a x\\y"z\nw\\t 1');
  f('m{a="tab\tnul\0"} 1', "__name__ m a tab\tnul\0 1");
  f("m NaN", "__name__ m NaN");
  f("m -inf", "__name__ m -Infinity");
  f("m_created 1", "__name__ m_created 1");
  f("# HELP m \n# UNIT m \nm 1", "__name__ m 1");
  f('# HELP "quoted name" x\\n"\\\nm 1', "__name__ m 1");
  f("# TYPE m gauge\n# TYPE m counter\nm 1", "__name__ m 1");
  for (const type of ["counter", "gauge", "gaugehistogram", "summary", "info", "stateset", "unknown"]) {
    f(`# TYPE m ${type}\nm{le="1"} 1`, "__name__ m le 1 1");
  }
  f('# TYPE h histogram\nother{le="1",quantile="1"} 1', "__name__ other le 1.0 quantile 1 1");
  f('# TYPE s summary\nother{le="1",quantile="1000000"} 1', "__name__ other le 1 quantile 1e+06 1");
});

test("timestamps are seconds, cut off at milliseconds toward zero", () => {
  const f = (text: string, want: string) => expect(samplesOf(`m 1 ${text}`), text).toEqual([`__name__ m 1 ${want}`]);
  f("1", "1000");
  f("1.0009", "1000");
  f("-1.0009", "-1000");
  f("1.7e9", "1700000000000");
  f("-0.0001", "0");
  f("1e300", "-9223372036854776000");
});

test("exemplars are read as they stand, and left out where their labels are too long or come twice", () => {
  const f = (text: string, want: string) => expect(samplesOf(`m 1 # ${text}`), text).toEqual([`__name__ m 1${want}`]);
  f("{} 1", " # 1 -");
  f('{a="b"} NaN', " # a b NaN -");
  f('{a="b",} 2 -3.5', " # a b 2 -3500");
  f('{b="1",a="é",c=""} 1', " # a é b 1 1 -");
  f('{"a b"="\\n\\"\\\\"} 1', ' # a b \\n\\"\\\\ 1 -');
  f(`{a="${"x".repeat(127)}"} 1`, ` # a ${"x".repeat(127)} 1 -`);
  f(`{a="${"😀".repeat(127)}"} 1`, ` # a ${"😀".repeat(127)} 1 -`);
  f(`{a="${"x".repeat(128)}"} 1`, "");
  f('{a="b",a="c"} 1', "");
  expect(samplesOf('m 1 7 # {a="b"} 2 3')).toEqual(["__name__ m 1 7000 # a b 2 3000"]);
});

test("refuses what Prometheus refuses, and says where and why", () => {
  const f = (text: string, want: string) => expect(new Scans().scan(`${text}\n# EOF\n`).error, text).toBe(want);
  f("", "line 1: expected a metric name, found the end of the line");
  f("a 1\n\nb 1", "line 2: expected a metric name, found the end of the line");
  f(" m 1", 'line 1: expected a metric name, found " "');
  f("m  1", "line 1: expected a value");
  f("m\t1", 'line 1: expected a value, found "\\t1"');
  f("m", "line 1: expected a value");
  f("m 1 ", "line 1: expected a timestamp in seconds");
  f("m 1\t", "line 1: expected a timestamp, an exemplar or the end of the line");
  f("m 1\r", 'line 1: expected a value, found "1\\r"');
  f("m 0x10", 'line 1: expected a value, found "0x10"');
  f('m {a="b"} 1', 'line 1: expected a value, found "{a=\\"b\\"}"');
  f('m{a="b"}1', 'line 1: expected a value, found "1"');
  f('m{a="b"}', "line 1: expected a value");
  f('m{ a="b"} 1', 'line 1: expected a label name, found " "');
  f('m{a ="b"} 1', 'line 1: expected "=" behind the label name "a", found " "');
  f('m{a= "b"} 1', 'line 1: expected a quoted value of the label "a", found " "');
  f('m{a="b" } 1', 'line 1: expected "," or "}" behind a label, found " "');
  f('m{a="b"c="d"} 1', 'line 1: expected "," or "}" behind a label, found "c"');
  f('m{a="b",,} 1', 'line 1: expected a label name, found ","');
  f("m{,} 1", 'line 1: expected a label name, found ","');
  f('m{a="b\nc"} 1', "line 1: expected a quotation mark, found the end of the line");
  f("{A} 0", 'line 1: expected "=" behind the label name "A", found "}"');
  f("{} 1", "line 1: expected a metric name between the braces");
  f('{"a","b"} 1', 'line 1: a second metric name, "b"');
  f("m 1 NaN", "line 1: expected a timestamp in seconds");
  f("m 1 inf", "line 1: expected a timestamp in seconds");
  f("m 1 0x1p4", "line 1: expected a timestamp in seconds");
  f("m 1 2 3", "line 1: expected a timestamp, an exemplar or the end of the line");
  f("# a comment", `line 1: ${noMeta}`);
  f("#", `line 1: ${noMeta}`);
  f("# HELP m", `line 1: ${noMeta}`);
  f("# TYPE m", `line 1: ${noMeta}`);
  f("#  TYPE m gauge", `line 1: ${noMeta}`);
  f("# eof", `line 1: ${noMeta}`);
  f("#EOF", `line 1: ${noMeta}`);
  f("# EOF ", `line 1: ${noMeta}`);
  f("# TYPE m untyped", 'line 1: invalid metric type "untyped"');
  f("# TYPE m gauge ", 'line 1: invalid metric type "gauge "');
  f("# TYPE m  gauge", 'line 1: invalid metric type " gauge"');
  f("# UNIT m_bytes seconds", "line 1: the name m_bytes does not end with its unit, _seconds");
  f("# UNIT seconds seconds", "line 1: the name seconds does not end with its unit, _seconds");
  f("m 1 # 5", "line 1: expected a timestamp, an exemplar or the end of the line");
  f("m 1 # {", "line 1: expected a label of an exemplar");
  f("m 1 # {a=b} 1", "line 1: expected a label of an exemplar");
  f('m 1 # {"a"} 1', "line 1: expected a label of an exemplar");
  f('m 1 # {a="b"c="d"} 1', "line 1: expected a label of an exemplar");
  f('m 1 # {a="b"}', "line 1: expected the value of an exemplar");
  f('m 1 # {a="b"}1', "line 1: expected the value of an exemplar");
  f('m 1 # {a="b"} x', "line 1: expected the value of an exemplar");
  f('m 1 # {a="b"} 1 NaN', "line 1: expected a timestamp in seconds");
  f('m 1 # {a="b"} 1 2 3', "line 1: expected the end of the line behind an exemplar");
  f("m 1 # {} 1 # {} 2", "line 1: expected a timestamp in seconds");
});

const noMeta = "expected # HELP, # TYPE, # UNIT or # EOF, a name, and a text, with single spaces between";

test("invalid UTF-8 fails the scrape", () => {
  const f = (text: string, want: string) => expect(new Scans().scan(Buffer.from(text, "latin1")).error).toBe(want);
  f('m{a="\xff"} 1\n# EOF', "line 1: invalid UTF-8");
  f("# HELP m \xff\n# EOF", "line 1: invalid UTF-8 in HELP");
  f('m 1 # {a="\xff"} 1\n# EOF', "line 1: invalid UTF-8 in a label of an exemplar");
  const { samples, exemplars, error } = new Scans().scan(Buffer.from('m 1 # {"\xff"="b"} 1\n# EOF', "latin1"));
  expect([samples.length, exemplars, error]).toEqual([1, [], undefined]);
});

test("a page ends with # EOF and nothing behind it", () => {
  const f = (text: string, want: string | undefined) => expect(new Scans().scan(text).error, text).toBe(want);
  f("m 1\n# EOF", undefined);
  f("m 1\n# EOF\n", undefined);
  f("# EOF", undefined);
  f("m 1\n", "line 2: the page does not end with # EOF");
  f("m 1", "line 1: the page does not end with # EOF");
  f("# HELP m x", "line 1: the page does not end with # EOF");
  f("m 1\n# EO", "line 2: the page does not end with # EOF");
  f("m 1\n# EOF ", "line 2: the page does not end with # EOF");
  f("m 1\n# EOF\n\n", "line 2: there is something behind # EOF");
  f("m 1\n# EOF\n# EOF\n", "line 2: there is something behind # EOF");
  f("m 1\n# EOF\nm 1", "line 2: there is something behind # EOF");
});

test("keeps the rows before a mistake, and not the last line where it has no end", () => {
  const names = (text: string) => new Scans().scan(text).samples.map(({ labels }) => labels[1]);
  expect(names("a 1\nb 2\nc\nd 4\n# EOF\n")).toEqual(["a", "b"]);
  expect(names("a 1\nb 2")).toEqual(["a"]);
  // Only what follows the sample is wrong, and upstream has taken the sample by then.
  expect(names("a 1\nb 2 \n# EOF\n")).toEqual(["a", "b"]);
  expect(names("a 1\nb 2 # x\n# EOF\n")).toEqual(["a", "b"]);
  expect(names("a 1\nb x \n# EOF\n")).toEqual(["a"]);
});

test("told to skip, it leaves out the lines with mistakes and keeps the others with their types", () => {
  function f(text: string, want: string[], count: number, first: string | undefined): void {
    const skipped = new SkippedLines();
    const { samples, error } = new Scans().scan(text, skipped);
    expect(error, text).toBe(undefined);
    expect(samples.map(({ labels }) => labels.slice(1).join(" "))).toEqual(want);
    expect(skipped.count).toBe(count);
    expect(skipped.first?.message).toBe(first);
  }
  f("a 1\n# EOF\n", ["a"], 0, undefined);
  f("a 1\n}{\nb 1\n\nc 1\n# EOF\n", ["a", "b", "c"], 2, 'line 2: expected a metric name, found "}"');
  f('# TYPE h histogram\nx\nh{le="1"} 1\n# EOF', ["h le 1.0"], 1, "line 2: expected a value");
  f("a 1\nb 1\n", ["a", "b"], 1, "line 3: the page does not end with # EOF");
  f("a 1\nb 1", ["a"], 1, "line 2: the page does not end with # EOF");
  f("", [], 1, "line 1: the page does not end with # EOF");
  f("a 1\n# EOF\nb 1\n# EOF\n", ["a", "b"], 1, "line 2: there is something behind # EOF");
  f('a{b="c\nd 1\n# EOF\n', ["d"], 1, "line 1: expected a quotation mark, found the end of the line");
  f("a 1 \nb 1\n# EOF\n", ["b"], 1, "line 1: expected a timestamp in seconds");
  f("a 1 # {} x\nb 1 # {} 1\n# EOF\n", ["b"], 1, "line 1: expected the value of an exemplar");
});

test("a series keeps its entry while lines come, go and change places", () => {
  const scans = new Scans();
  scans.scan('# TYPE m gauge\nm{a="1"} 1\nm{a="2"} 2\nm{a="3"} 3\n# EOF\n');
  const { size } = scans.cache;
  scans.scan('m{a="3"} 1\n# TYPE m gauge\nm{a="1"} 2\n# EOF\n');
  scans.scan('m{a="2"} 1\nm{a="2"} 1 5 # {} 3\n# EOF\n');
  expect(scans.cache.size).toBe(size);
});

test("the labels of an entry are read from the page", () => {
  const scans = new Scans();
  scans.scan('# TYPE h histogram\nh_bucket{le="1"} 1\nabc 1\n{"x\ny",a="\\n"} 1\n# EOF\n');
  const entries = Array.from({ length: scans.cache.size - 2 }, (_, at) => at + 2);
  expect(entries.map((entry) => scans.cache.takeLabels(entry, scans.body))).toEqual([
    ["__name__", "h_bucket", "le", "1.0"],
    ["__name__", "abc"],
    ["__name__", "x\ny", "a", "\n"],
  ]);
  expect(entries.map((entry) => scans.cache.typeOf(entry))).toEqual(["histogram", "histogram", "histogram"]);
});

const metricName = fc.constantFrom("a", "b", "http_requests_total", "node_cpu_seconds_total", "x:y", "h_bucket");
const labelText = fc.oneof(
  fc.constantFrom("1", "2.5", "+Inf", "1e6", "GET", "/a b/{}", "é€😀", "", "\t", "\0"),
  fc.string({ maxLength: 12 }),
);
const labelName = fc.oneof(fc.constantFrom("le", "quantile", "code", "a", "b"), fc.constantFrom('"q r"', '"a\\"b"'));
const quoted = labelText.map((text) => `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`);
const label = fc.tuple(labelName, quoted).map(([name, value]) => `${name}=${value}`);
const labels = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.constantFrom("", ","))
  .map(([list, last]) => `{${list.join(",")}${list.length > 0 ? last : ""}}`);
const valueText = fc.oneof(
  fc.constantFrom("NaN", "+Inf", "-inf", "0", "-0", "5.", ".5", "1e+06", "1.795223303e+09", "1E3", "017"),
  fc.double().map((value) => (Number.isFinite(value) ? String(value) : "1")),
  fc.integer().map(String),
);
const timestamp = fc.oneof(
  fc.constant(""),
  fc.double({ noNaN: true, min: -1e13, max: 1e13 }).map((time) => ` ${time}`),
);
const exemplar = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  // Unlike a series' labels, those of an exemplar cannot hold a NUL.
  fc
    .tuple(labels, valueText, timestamp)
    .map(([pairs, value, time]) => ` # ${pairs.replaceAll("\0", "")} ${value}${time}`),
);
const sampleLine = fc
  .tuple(metricName, fc.option(labels, { nil: "" }), valueText, timestamp, exemplar)
  .map(([name, pairs, value, time, more]) => `${name}${pairs} ${value}${time}${more}`);
const metaLine = fc.oneof(
  fc.constantFrom("# TYPE a gauge", "# TYPE h histogram", "# TYPE s summary", "# TYPE i info", "# TYPE a unknown"),
  fc.constantFrom("# HELP a text \\n", '# HELP "q r" x', "# UNIT a_b b", "# UNIT a ", "# HELP a "),
);
const lines = fc.array(fc.oneof({ weight: 3, arbitrary: sampleLine }, metaLine), { maxLength: 12 });

test("valid pages that churn, shrink and change places give what the twin gives", () => {
  const pages = lines.chain((all) => fc.array(fc.shuffledSubarray(all), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(pages, fc.constantFrom("\n", ""), (list, last) => {
      const scans = new Scans();
      for (const page of list) {
        const text = [...page, "# EOF"].join("\n") + last;
        const { samples, exemplars, failed } = scans.scan(text);
        const want = parseOpenMetrics(Buffer.from(text));
        expect(failed).toBe(want.failed);
        expect(exemplars).toEqual(want.exemplars);
        // A known key keeps the labels of the TYPE it was first seen under, so those two are compared by their numbers.
        expect(samples.map(withoutFloats)).toEqual(want.samples.map(withoutFloats));
      }
    }),
    { numRuns: 300 },
  );
});

function withoutFloats(sample: Sample): Sample {
  const list = sample.labels.map((text, at) => {
    const isFloat = sample.labels[at - 1] === "le" || sample.labels[at - 1] === "quantile";
    return isFloat && /^[+-]?[0-9]|^\.|^[+-]?inf|^nan$/i.test(text)
      ? String(Number(text.replace(/inf/i, "Infinity")))
      : text;
  });
  return { ...sample, labels: list };
}

function expectAsTheTwin(page: Uint8Array): void {
  const { error: _, ...found } = new Scans().scan(page);
  expect(found).toEqual(parseOpenMetrics(page));
}

test("a page that is new gives what the twin gives, to the last label", () => {
  fc.assert(
    fc.property(lines, (list) => expectAsTheTwin(Buffer.from([...list, "# EOF\n"].join("\n")))),
    { numRuns: 500 },
  );
});

test("garbage is accepted and refused as by the twin", () => {
  const piece = fc.oneof(
    fc.constantFrom("m", "{", "}", '"', "\\", "=", ",", " ", "\t", "\n", "\0", "#", "# HELP ", "# TYPE ", "gauge", "1"),
    fc.constantFrom("a", 'a="b"', '"x"', "1.5e3", "NaN", "0x1", "1_0", "\r", "é", "\xff", "-", "+", ".", "e", "_"),
    fc.constantFrom("m 1\n", " # {", "} 1", '{a="b"} 1', "# EOF", "# UNIT ", "m_s s", "# HELP m x\n", "\n# EOF"),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
  const end = fc.constantFrom("", "# EOF", "\n# EOF", "\n# EOF\n");
  const pages = fc.tuple(text, end).map(([page, last]) => page + last);
  const bytes = fc.oneof(
    pages.map((all) => Buffer.from(all, "latin1")),
    pages.map((all) => Buffer.from(all, "utf8")),
    fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array)),
  );
  fc.assert(fc.property(bytes, expectAsTheTwin), { numRuns: 20_000 });
});

test("one broken byte in a valid page is treated as by the twin", () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.nat(255), (list, position, byte) => {
      const page = Buffer.from([...list, "# EOF"].join("\n"));
      const broken = Buffer.from(page);
      broken[position % broken.length] = byte;
      const scans = new Scans();
      scans.scan(page);
      expect(scans.scan(broken).failed).toBe(parseOpenMetrics(broken).failed);
    }),
    { numRuns: 2000 },
  );
});

test("told to skip, a page with mistakes gives the good lines of a page without them", () => {
  const bad = fc.constantFrom("", "x", "m  1", "}{", "# no", "m 1 2 3", "m 1 # {", "# TYPE m untyped");
  const mixed = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.tuple(fc.constant(true), sampleLine) }, fc.tuple(fc.constant(false), bad)),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(mixed, (list) => {
      const skipped = new SkippedLines();
      const all = list.map(([, line]) => line);
      const good = list.filter(([isGood]) => isGood).map(([, line]) => line);
      const { error: _, ...found } = new Scans().scan([...all, "# EOF"].join("\n"), skipped);
      expect(found).toEqual(parseOpenMetrics(Buffer.from([...good, "# EOF"].join("\n"))));
      expect(skipped.count).toBe(all.length - good.length);
    }),
    { numRuns: 500 },
  );
});
