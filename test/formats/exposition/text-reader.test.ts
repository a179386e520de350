import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { scanOpenMetrics } from "../../../src/formats/exposition/open-metrics.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { scanText } from "../../../src/formats/exposition/scan.ts";
import { TextReader } from "../../../src/formats/exposition/text-reader.ts";

function read(reader: TextReader, page: string, body = new Body()): number[] {
  body.clear();
  body.append(Buffer.from(page));
  const rows = new Rows();
  const error = reader.read(body, rows);
  if (error !== undefined) throw error;
  return [...rows.entries.slice(0, rows.length)];
}

for (const [name, scan] of [
  ["text", scanText],
  ["OpenMetrics", scanOpenMetrics],
] as const) {
  test(`${name}: entries keep their labels and types when others are dropped`, () => {
    const page = '# TYPE h histogram\nh{le="1",a="\\n"} 1\n# TYPE c counter\nc 1\n{"x y"} 1\n# EOF\n';
    const reader = new TextReader(scan);
    const body = new Body();
    const [bucket = 0, total = 0, quoted = 0] = read(reader, page, body);
    const renumbered = reader.compact((entry) => entry === bucket || entry === quoted);
    expect(reader.typeOf(renumbered[bucket]!)).toBe("histogram");
    expect(reader.typeOf(renumbered[quoted]!)).toBe("counter");
    const [bucketAgain, totalAgain = 0, quotedAgain] = read(reader, page, body);
    expect([bucketAgain, quotedAgain]).toEqual([renumbered[bucket], renumbered[quoted]]);
    expect(reader.takeLabels(renumbered[bucket]!, body)).toEqual(["__name__", "h", "le", "1.0", "a", "\n"]);
    expect(reader.takeLabels(renumbered[quoted]!, body)).toEqual(["__name__", "x y"]);
    expect(reader.takeLabels(totalAgain, body)).toEqual(["__name__", "c"]);
    expect(renumbered[total]).toBe(0);
  });

  test(`${name}: a family is what its page says now, also when that is what it said before`, () => {
    const reader = new TextReader(scan);
    const page = (type: string) => `# TYPE a ${type}\n# TYPE b gauge\n# EOF\n`;
    const versions = ["counter", "gauge", "counter", "counter"].map((type) => {
      read(reader, page(type));
      expect(reader.metadata()).toContainEqual({ family: "a", type, help: "", unit: "" });
      return reader.metadataVersion;
    });
    expect(new Set(versions.slice(0, 3)).size).toBe(3);
    expect(versions[3]).toBe(versions[2]);
  });

  test(`${name}: is crowded when most of its series are gone`, () => {
    const reader = new TextReader(scan);
    const entries = read(reader, `${Array.from({ length: 2000 }, (_, at) => `m{a="${at}"} 1\n`).join("")}# EOF\n`);
    expect(reader.size).toBeGreaterThan(entries.at(-1)!);
    expect(reader.isCrowded(2000)).toBe(false);
    expect(reader.isCrowded(10)).toBe(true);
  });
}
