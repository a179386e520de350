import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLogfmt } from "../../../src/formats/log-line/logfmt.ts";
import cases from "../../fixtures/log-line/logfmt.json" with { type: "json" };

// The fixture holds what the Decoder of github.com/go-logfmt/logfmt v0.6 answers to each line: the pairs before the
// first mistake, and whether there was one.
test("lines have the pairs that go-logfmt finds in them", () => {
  expect(cases.length).toBeGreaterThan(50);
  for (const { line, pairs } of cases) expect(parseLogfmt(line), JSON.stringify(line)).toEqual(pairs);
});

test("what was written as logfmt is read back", () => {
  const key = fc.stringMatching(/^[a-z_.:/é-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.string())), (pairs) => {
      const line = pairs.map(([name, value]) => `${name}=${JSON.stringify(value.toWellFormed())}`).join(" ");
      expect(parseLogfmt(line)).toEqual(pairs);
    }),
  );
});

test("a long line of escapes is read without a deep stack", () => {
  const value = '\\"'.repeat(500_000);
  expect(parseLogfmt(`a="${value}"`)).toEqual([["a", '"'.repeat(500_000)]]);
});
