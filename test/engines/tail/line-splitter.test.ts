import fc from "fast-check";
import { expect, test } from "vitest";
import { encodingNamed, utf8 } from "../../../src/engines/tail/encoding.ts";
import { type SplitLines, splitLines } from "../../../src/engines/tail/line-splitter.ts";
import { splitLinesSlowly } from "../../reference/line-splitter.ts";

const plain = { truncated: [], invalid: 0, nulBytes: 0 };

function split(text: string | Buffer, { flush = false, maxBytes = 100, encoding = "" } = {}) {
  return shown(splitLines(Buffer.from(text as string), encodingNamed(encoding)!, flush, maxBytes));
}

/** Where lines are given as bytes too, they must be the same. */
function shown({ utf8, count, ...split }: SplitLines) {
  const { bytes, starts, ends } = utf8 ?? {};
  const lines = starts?.map((start, at) => Buffer.from(bytes!).toString("utf8", start, ends![at])) ?? split.lines;
  expect([lines, count]).toEqual([split.lines, split.lines.length]);
  return split;
}

test("lines are cut at line feeds, and an unfinished one is left for the next read", () => {
  expect(split("one\ntwo\r\n\nunfinished")).toEqual({ lines: ["one", "two", ""], consumed: 10, ...plain });
});

test("an unfinished line is taken where the file has ended", () => {
  expect(split("one\nlast", { flush: true })).toEqual({ lines: ["one", "last"], consumed: 8, ...plain });
});

test("a line that is too long becomes several entries, none of which splits a character", () => {
  const long = "äöü".repeat(3);
  expect(split(`${long}\nnext\n`, { maxBytes: 7 })).toEqual({
    ...plain,
    lines: ["äöü", "äöü", "äöü", "next"],
    consumed: 24,
    truncated: [0, 1],
  });
  expect(split("x".repeat(15), { maxBytes: 7 })).toEqual({
    ...plain,
    lines: ["x".repeat(7), "x".repeat(7)],
    consumed: 14,
    truncated: [0, 1],
  });
  expect(split(`${"x".repeat(7)}\n`, { maxBytes: 7 })).toEqual({ ...plain, lines: ["x".repeat(7)], consumed: 8 });
});

test("runs of NULs are left out and counted, a single one stays", () => {
  const { lines, nulBytes, consumed } = split("\0\0\0one\ntw\0\0o\n\0\0\0\0\na\0b\n");
  expect({ lines, nulBytes, consumed }).toEqual({ lines: ["one", "two", "a\0b"], nulBytes: 9, consumed: 22 });
});

test("bytes that are no text become U+FFFD, in lines that are counted", () => {
  const { lines, invalid } = split(Buffer.from("good\nb\xffad\n", "latin1"));
  expect({ lines, invalid }).toEqual({ lines: ["good", "b\ufffdad"], invalid: 1 });
});

test.each([
  ["utf-16le", Buffer.from("grüß\nĊ😀\r\nrest", "utf16le")],
  ["utf-16be", Buffer.from("grüß\nĊ😀\r\nrest", "utf16le").swap16()],
])("%s is cut at its own line feeds", (encoding, bytes) => {
  const { lines, consumed } = split(bytes, { encoding });
  // U+010A has the byte of a line feed in it.
  expect({ lines, consumed }).toEqual({ lines: ["grüß", "Ċ😀"], consumed: 20 });
  expect(split(bytes, { encoding, flush: true }).lines).toEqual(["grüß", "Ċ😀", "rest"]);
  const cut = split(Buffer.from(encoding === "utf-16le" ? bytes : bytes), { encoding, maxBytes: 9 });
  expect(cut.lines.join("")).toBe("grüßĊ😀");
});

test("other encodings are decoded by their name", () => {
  expect(split(Buffer.from([0x63, 0x61, 0x66, 0xe9, 10]), { encoding: "ISO-8859-1" }).lines).toEqual(["café"]);
  expect(split(Buffer.from([0x93, 0xfa, 0x96, 0x7b, 10]), { encoding: "Shift_JIS" }).lines).toEqual(["日本"]);
  expect(encodingNamed("no-such")).toBeUndefined();
});

test("it gives what its slow twin gives, whatever the bytes", () => {
  const interesting = fc.constantFrom(10, 10, 13, 0, 0, 0x61, 0x62, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xff);
  fc.assert(
    fc.property(
      fc.array(interesting, { maxLength: 60 }),
      fc.boolean(),
      fc.integer({ min: 5, max: 30 }),
      (list, flush, max) => {
        const bytes = Buffer.from(list);
        expect(shown(splitLines(bytes, utf8, flush, max))).toEqual(shown(splitLinesSlowly(bytes, flush, max)));
      },
    ),
    { numRuns: 3000 },
  );
});

test("however the bytes come, the lines are the same", () => {
  const text = fc.array(fc.constantFrom("\n", "a", "ß", "line", "€"), { maxLength: 40 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(""));
      const lines: string[] = [];
      let at = 0;
      for (let end = 0; end < bytes.length + step; end += step) {
        const piece = splitLines(bytes.subarray(at, end), utf8, end >= bytes.length, 1000);
        lines.push(...piece.lines);
        at += piece.consumed;
      }
      expect(lines).toEqual(splitLinesSlowly(bytes, true, 1000).lines);
    }),
  );
});
