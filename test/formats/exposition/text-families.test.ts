import { expect, test } from "vitest";
import { parseTextFamilies } from "../../../src/formats/exposition/text-families.ts";

test("a family has its HELP and TYPE, or is untyped without help", () => {
  const text = "# HELP a Some\\nhelp.\n# TYPE a GAUGE\na 1\nb 2\n# just a comment\n\n# HELP\n# TYPE only gauge\n";
  expect(parseTextFamilies(text)).toEqual([
    { name: "a", help: "Some\nhelp.", type: "gauge", samples: [{ name: "a", labels: [], value: 1 }] },
    { name: "b", help: undefined, type: "untyped", samples: [{ name: "b", labels: [], value: 2 }] },
  ]);
});

test("a HELP line may stand behind the samples, and says nothing without a text", () => {
  expect(parseTextFamilies("a 1\n# HELP a Late.\n")[0]?.help).toBe("Late.");
  expect(parseTextFamilies("# HELP a\na 1\n")[0]?.help).toBeUndefined();
});

test("series of one family get the same label names", () => {
  const [family] = parseTextFamilies('m{b="1"} 1\nm{a="2"} 2\nm 3\n');
  expect(family?.samples.map(({ labels }) => labels)).toEqual([
    ["a", "", "b", "1"],
    ["a", "2", "b", ""],
    ["a", "", "b", ""],
  ]);
});

const series = (text: string) =>
  parseTextFamilies(text)[0]?.samples.map(({ labels, name, value }) => `${name} ${labels.join(",")} ${value}`);

test("a histogram's buckets are put in order, and the last one holds everything", () => {
  expect(
    series(
      '# TYPE h histogram\nh_bucket{le="5"} 2\nh_bucket{le="1"} 1\nh_sum 3.5\nh_count 4\nh_bucket{le="1",z="1"} 7\n',
    ),
  ).toEqual([
    "h_bucket le,1,z, 1",
    "h_bucket le,5,z, 2",
    "h_bucket le,+Inf,z, 4",
    "h_sum z, 3.5",
    "h_count z, 4",
    "h_bucket le,1,z,1 7",
    "h_bucket le,+Inf,z,1 0",
    "h_sum z,1 0",
    "h_count z,1 0",
  ]);
});

test("a summary has quantiles, and a name like a bucket's is not its", () => {
  const text = '# TYPE s summary\ns{quantile="0.9"} 2\ns{quantile="0.1"} 1\ns_sum 3\ns_count 4\ns_bucket 5\n';
  expect(series(text)).toEqual(["s quantile,0.1 1", "s quantile,0.9 2", "s_sum  3", "s_count  4"]);
  expect(parseTextFamilies(text).map(({ name }) => name)).toEqual(["s", "s_bucket"]);
});

test("one wrong line and the page is refused, with the line's number", () => {
  const f = (text: string, message: string) => expect(() => parseTextFamilies(text)).toThrow(message);

  f("a 1\nb one\n", "line 2: expected a number");
  f("a 1\nb 2", "line 2: the last line does not end with a newline");
  f("a 1 1700000000000\n", "line 1: client-side timestamps are not supported");
  f("# HELP a x\n# HELP a y\n", "line 2: second HELP line for a");
  f("# TYPE a gauge\n# TYPE a gauge\n", "line 2: second TYPE line for a");
  f("a 1\n# TYPE a gauge\n", "line 2: second TYPE line for a, or TYPE behind its samples");
  f("# TYPE a thing\n", 'line 1: unknown metric type "thing"');
  f("# TYPE a gauge \n", 'line 1: unknown metric type "gauge "');
  f("# HELP 1a x\n", "line 1: invalid metric name in HELP line");
  f('# TYPE h histogram\nh_bucket{le=""} 1\n', 'expected a number as label le, got ""');
});
