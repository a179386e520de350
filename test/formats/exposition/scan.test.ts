import fc from "fast-check";
import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { scanText } from "../../../src/formats/exposition/scan.ts";
import { SeriesCache } from "../../../src/formats/exposition/series-cache.ts";
import { SkippedLines } from "../../../src/formats/exposition/skipped-lines.ts";
import { type Exposition, parseExposition, type Sample } from "../../reference/exposition.ts";

/** Scans one body after the other, as for one target. */
class Scans {
  readonly cache = new SeriesCache();
  readonly body = new Body(16);
  readonly #rows = new Rows();
  readonly #labels = new Map<number, string[]>();

  scan(text: string | Uint8Array, skipped?: SkippedLines): Exposition & { readonly error: string | undefined } {
    this.body.clear();
    this.body.append(Buffer.from(text));
    this.#rows.clear();
    const error = scanText(this.body, this.cache, this.#rows, skipped);
    const samples: Sample[] = [];
    for (let row = 0; row < this.#rows.length; row++) {
      const timestamp = this.#rows.timestamps[row]!;
      samples.push({
        labels: this.#labelsOf(this.#rows.entries[row]!),
        value: this.#rows.values[row]!,
        timestamp: Number.isNaN(timestamp) ? undefined : timestamp,
      });
    }
    return { samples, failed: error !== undefined, error: error?.message };
  }

  #labelsOf(entry: number): string[] {
    const labels = this.#labels.get(entry) ?? this.cache.takeLabels(entry, this.body);
    this.#labels.set(entry, labels);
    return labels;
  }
}

function samplesOf(text: string): string[] {
  const { samples, error } = new Scans().scan(text);
  if (error !== undefined) throw new Error(error);
  return samples.map(({ labels, value, timestamp }) => [...labels, value, ...(timestamp ? [timestamp] : [])].join(" "));
}

test("reads series, values and timestamps", () => {
  expect(samplesOf('m 1\n# HELP x y\nn{a="b"} 2.5 1700000000000\n\n')).toEqual([
    "__name__ m 1",
    "__name__ n a b 2.5 1700000000000",
  ]);
});

test("reads what Prometheus reads", () => {
  const f = (text: string, want: string) => expect(samplesOf(text), text).toEqual([want]);
  f("m 1", "__name__ m 1");
  f("m\t \t1 \t 5 \n", "__name__ m 1 5");
  f('m{a="b"}1', "__name__ m a b 1");
  f('m { a = "b" , } 1', "__name__ m a b 1");
  f('m{a="b" c="d"e="f"} 1', "__name__ m a b c d e f 1");
  f('{"a.b",x="y"} 1', "__name__ a.b x y 1");
  f('{x="y","a.b"} 1', "__name__ a.b x y 1");
  f('m{"x y"="z"} 1', "__name__ m x y z 1");
  f("  m 1", "__name__   m 1");
  f('m{a="x\\\\y\\"z\\nw\\t"} 1', '__name__ m a x\\y"z\nw\\t 1');
  f('m{a="two\nlines"} 1', "__name__ m a two\nlines 1");
  f('m{a="nul\0"} 1', "__name__ m a nul\0 1");
  f('m{a="é€😀"} 1', "__name__ m a é€😀 1");
  f("m 1\n\0 the rest is not read", "__name__ m 1");
  f("# HELP\nm 1", "__name__ m 1");
  f('# HELP "quoted name" x\n# TYPE m\tgauge\n# EOF\n# UNIT m s\n#m\n#\n# \n# help m x\nm 1', "__name__ m 1");
  f('# TYPE h histogram\nother{le="1",quantile="1"} 1', "__name__ other le 1.0 quantile 1 1");
  f('# TYPE s summary\nother{le="1",quantile="1000000"} 1', "__name__ other le 1 quantile 1e+06 1");
});

test("refuses what Prometheus refuses, and says where and why", () => {
  const f = (text: string, want: string) => expect(new Scans().scan(text).error, text).toBe(want);
  f("m", "line 1: expected a value");
  f("a 1\nb 2\nm x\n", 'line 3: expected a value, found "x"');
  f("m 0x10", 'line 1: expected a value, found "0x10"');
  f("m 1e309", 'line 1: expected a value, found "1e309"');
  f("m 1\r\n", 'line 1: expected a value, found "1\\r"');
  f("m 1 -5", "line 1: expected a timestamp of digits or the end of the line");
  f("m 1 1.5", "line 1: expected a timestamp of digits or the end of the line");
  f("m 1 9223372036854775808", "line 1: timestamp out of range");
  f("m 1 # {} 5", "line 1: expected a timestamp of digits or the end of the line");
  f("{A}0", 'line 1: expected "=" behind the label name "A", found "}"');
  f("{} 1", "line 1: expected a metric name between the braces");
  f('{"a","b"} 1', 'line 1: a second metric name, "b"');
  f('m{"a"} 1', 'line 1: a second metric name, "a"');
  f('"a.b" 1', 'line 1: expected a metric name, found "\\""');
  f("{abc} 1", 'line 1: expected "=" behind the label name "abc", found "}"');
  f("m{A} 1", 'line 1: expected "=" behind the label name "A", found "}"');
  f('m{\na="b"} 1', "line 1: expected a label name, found the end of the line");
  f("# TYPE m info\n", 'line 1: invalid metric type "info"');
  f("# TYPE m gaugehistogram\n", 'line 1: invalid metric type "gaugehistogram"');
  f("# TYPE m stateset\n", 'line 1: invalid metric type "stateset"');
  f("m{a='b'} 1", 'line 1: expected a quoted value of the label "a", found "\'"');
  f('m{,a="b"} 1', 'line 1: expected a label name, found ","');
  f('m{a="b",,} 1', 'line 1: expected a label name, found ","');
  f('m{a="b', "line 1: a quotation mark is not closed");
  f('m{a="b"', "line 1: expected a label name, found the end of the line");
  f("# TYPE m unknown\n", 'line 1: invalid metric type "unknown"');
  f("# TYPE m  gauge\n", 'line 1: invalid metric type " gauge"');
  f("# TYPE m gauge \n", 'line 1: invalid metric type "gauge "');
  f("# TYPE m\n", 'line 1: invalid metric type ""');
  f("# HELP \n", "line 1: expected a metric name behind HELP");
  f("<html>", 'line 1: expected a metric name, found "<"');
  f("m\0 1", 'line 1: expected a value, found "\\u0000"');
  expect(new Scans().scan(Buffer.from([...Buffer.from('m{a="'), 0xff, ...Buffer.from('"} 1')])).error).toBe(
    "line 1: invalid UTF-8",
  );
});

test("keeps the rows before a mistake", () => {
  const { samples } = new Scans().scan("a 1\nb 2\nc\nd 4\n");
  expect(samples.map(({ labels }) => labels[1])).toEqual(["a", "b"]);
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
  f("a 1\n", ["a"], 0, undefined);
  f("a 1\n}{\nb 1\nm x\nc 1", ["a", "b", "c"], 2, 'line 2: expected a metric name, found "}"');
  f("}{", [], 1, 'line 1: expected a metric name, found "}"');
  f('# TYPE h histogram\nx\nh{le="1"} 1\n# TYPE h info\n', ["h le 1.0"], 2, "line 2: expected a value");
  f('a{b="c\nd 1\ne 1\n', ["d", "e"], 1, "line 1: a quotation mark is not closed");
  f("a{\nb{\nc 1\n", ["c"], 2, "line 1: expected a label name, found the end of the line");
  f("a 1\nb 1 5 5\na 2\n", ["a", "a"], 1, "line 2: expected a timestamp of digits or the end of the line");
});

test("a mistake knows its line", () => {
  const body = new Body();
  body.append(Buffer.from("a 1\n\nb\n"));
  expect(scanText(body, new SeriesCache(), new Rows())?.line).toBe(3);
});

test("does not read the bytes of an earlier, longer body", () => {
  const scans = new Scans();
  scans.scan('m{a="0123456789"} 1 1700000000000\n');
  expect(scans.scan('m{a="').error).toBe("line 1: a quotation mark is not closed");
  expect(scans.scan("m{").error).toBe("line 1: expected a label name, found the end of the line");
  expect(scans.scan("").samples).toEqual([]);
});

test("a series keeps its entry while lines come, go and change places", () => {
  const scans = new Scans();
  scans.scan('# TYPE m gauge\nm{a="1"} 1\nm{a="2"} 2\nm{a="3"} 3\n');
  const { size } = scans.cache;
  scans.scan('m{a="3"} 1\n# TYPE m gauge\nm{a="1"} 2\n');
  scans.scan('m{a="2"}\t1\nm{a="2"}1\n');
  expect(scans.cache.size).toBe(size);
});

test("the labels of an entry are read from the page", () => {
  const scans = new Scans();
  scans.scan('# TYPE h histogram\nh_bucket{le="1"} 1\nabc 1\n{"x"} 1\n');
  const entries = Array.from({ length: scans.cache.size - 2 }, (_, at) => at + 2);
  expect(entries.map((entry) => scans.cache.takeLabels(entry, scans.body))).toEqual([
    ["__name__", "h_bucket", "le", "1.0"],
    ["__name__", "abc"],
    ["__name__", "x"],
  ]);
});

const blank = fc.constantFrom("", "", " ", "\t", "  ");
const metricName = fc.constantFrom("a", "b", "http_requests_total", "node_cpu_seconds_total", "x:y", "h_bucket");
const labelText = fc.oneof(
  fc.constantFrom("1", "2.5", "+Inf", "1e6", "GET", "/a b/{}", "é€😀", "", "\n", "\0"),
  fc.string({ maxLength: 12 }),
);
const labelName = fc.oneof(fc.constantFrom("le", "quantile", "code", "a", "b"), fc.constantFrom('"q r"', '"a\\"b"'));
const quoted = labelText.map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`);
const label = fc.tuple(labelName, blank, blank, quoted).map(([name, x, y, value]) => `${name}${x}=${y}${value}`);
const labels = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.constantFrom(",", ", ", "", " ,"), fc.constantFrom("", ","))
  .map(([list, comma, last]) => `{${list.join(comma)}${list.length > 0 ? last : ""}}`);
const valueText = fc.oneof(
  fc.constantFrom("NaN", "+Inf", "-inf", "0", "-0", "5.", ".5", "1e+06", "1.795223303e+09", "1E3", "017"),
  fc.double().map((value) => (Number.isFinite(value) ? String(value) : "1")),
  fc.integer().map(String),
);
const timestamp = fc.option(fc.nat().map(String), { nil: "" });
const sampleLine = fc
  .tuple(blank, metricName, blank, fc.option(labels, { nil: "" }), valueText, timestamp, blank)
  .map(([x, name, y, pairs, value, time, z]) => `${x}${name}${y}${pairs} ${value} ${time}${z}`);
const otherLine = fc.oneof(
  fc.constantFrom("", " ", "# a comment", "#", "# TYPE a gauge", "# TYPE h histogram", "# TYPE s summary"),
  fc.constantFrom("# HELP a text \\n", '# HELP "q r" x', "# TYPE a untyped", "  # TYPE a counter", "# HELP a"),
);
const lines = fc.array(fc.oneof({ weight: 3, arbitrary: sampleLine }, otherLine), { maxLength: 12 });

test("valid bodies that churn, shrink and change places give what the twin gives", () => {
  const bodies = lines.chain((all) => fc.array(fc.shuffledSubarray(all), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(bodies, fc.constantFrom("\n", ""), (list, last) => {
      const scans = new Scans();
      for (const body of list) {
        const text = body.join("\n") + last;
        const { samples, failed } = scans.scan(text);
        const want = parseExposition(Buffer.from(text));
        expect(failed).toBe(want.failed);
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

test("a body that is new gives what the twin gives, to the last label", () => {
  fc.assert(
    fc.property(lines, (list) => {
      const text = list.join("\n");
      const { samples, failed } = new Scans().scan(text);
      expect({ samples, failed }).toEqual(parseExposition(Buffer.from(text)));
    }),
    { numRuns: 500 },
  );
});

test("garbage is accepted and refused as by the twin", () => {
  const piece = fc.oneof(
    fc.constantFrom("m", "{", "}", '"', "\\", "=", ",", " ", "\t", "\n", "\0", "#", "# HELP ", "# TYPE ", "gauge", "1"),
    fc.constantFrom(
      "a",
      'a="b"',
      '"x"',
      "1.5e3",
      "NaN",
      "0x1",
      "1_0",
      "\r",
      "é",
      "\xff",
      "-",
      "+",
      ".",
      "e",
      "12345678901",
    ),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
  const bytes = fc.oneof(
    text.map((all) => Buffer.from(all, "latin1")),
    text.map((all) => Buffer.from(all, "utf8")),
    fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, (body) => {
      const { samples, failed } = new Scans().scan(body);
      expect({ samples, failed }).toEqual(parseExposition(body));
    }),
    { numRuns: 20_000 },
  );
});

test("one broken byte in a valid body is treated as by the twin", () => {
  fc.assert(
    fc.property(lines, fc.nat(), fc.nat(255), (list, position, byte) => {
      const body = Buffer.from(list.join("\n"));
      const broken = Buffer.from(body);
      if (broken.length > 0) broken[position % broken.length] = byte;
      const scans = new Scans();
      scans.scan(body);
      const { failed } = scans.scan(broken);
      expect(failed).toBe(parseExposition(broken).failed);
    }),
    { numRuns: 2000 },
  );
});

test("told to skip, a page with mistakes gives the good lines of a page without them", () => {
  const isText = (line: string) => !/["\0\n]/.test(line);
  const good = fc
    .oneof(sampleLine, otherLine)
    .filter((line) => isText(line) && !parseExposition(Buffer.from(line)).failed);
  const bad = fc.constantFrom("x", "m 0x1", "}{", "# TYPE m info", "m 1 2 3", "m 1 # {} 1", "{A}0", "m{ 1");
  const mixed = fc.array(fc.oneof(fc.tuple(fc.constant(true), good), fc.tuple(fc.constant(false), bad)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(mixed, (list) => {
      const skipped = new SkippedLines();
      const { samples, failed } = new Scans().scan(list.map(([, line]) => line).join("\n"), skipped);
      const kept = list.filter(([isGood]) => isGood).map(([, line]) => line);
      expect({ samples, failed }).toEqual(parseExposition(Buffer.from(kept.join("\n"))));
      expect(skipped.count).toBe(list.length - kept.length);
    }),
    { numRuns: 500 },
  );
});
