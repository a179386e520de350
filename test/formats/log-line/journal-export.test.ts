import fc from "fast-check";
import { expect, test } from "vitest";
import { JournalExportError, JournalExportParser } from "../../../src/formats/log-line/journal-export.ts";
import { exportEntry, readEntry, type WrittenField } from "../../reference/journal-export.ts";

const address: WrittenField[] = [
  ["__CURSOR", "s=1f;i=2"],
  ["__REALTIME_TIMESTAMP", "1700000000000001"],
  ["__MONOTONIC_TIMESTAMP", "5"],
];

function parse(...pieces: readonly (string | Buffer)[]) {
  const parser = new JournalExportParser();
  return pieces.flatMap((piece) => parser.push(Buffer.from(piece as string)));
}

test("an entry is its cursor, its time and its fields", () => {
  const entry = exportEntry([...address, ["MESSAGE", "a=b"], ["PRIORITY", "6"], ["_SYSTEMD_UNIT", "ssh.service"]]);
  expect(parse(entry)).toEqual([
    {
      cursor: "s=1f;i=2",
      realtime: 1_700_000_000_000_001n,
      fields: { MESSAGE: "a=b", PRIORITY: "6", _SYSTEMD_UNIT: "ssh.service" },
    },
  ]);
});

test("a value that is not text of one line keeps its lines, and its bytes that are not UTF-8 become U+FFFD", () => {
  const binary = Buffer.from("a\n\nb=\xff", "latin1");
  expect(parse(exportEntry([...address, ["MESSAGE", binary], ["EMPTY", Buffer.alloc(0)]]))[0]?.fields).toEqual({
    MESSAGE: "a\n\nb=\ufffd",
    EMPTY: "",
  });
});

test("of a field that is there twice the last value counts, and no name is special", () => {
  const fields = parse(exportEntry([...address, ["A", "1"], ["A", "2"], ["toString", "x"]]))[0]?.fields;
  expect({ ...fields }).toEqual({ A: "2", toString: "x" });
});

test("a value of more than 1 MiB is cut, and what follows it is read", () => {
  const long = Buffer.alloc(3 * 1024 * 1024, "x");
  const [entry] = parse(exportEntry([...address, ["COREDUMP", long], ["MESSAGE", "crashed"]]));
  expect(entry?.fields.COREDUMP).toHaveLength(1024 * 1024);
  expect(entry?.fields.MESSAGE).toBe("crashed");
});

test("an entry of more than 8 MiB loses the values beyond them, and the next entry is read", () => {
  const long = "x".repeat(1024 * 1024);
  const large = Array.from({ length: 12 }, (_, n): WrittenField => [`F${n}`, long]);
  const [first, second] = parse(exportEntry([...address, ...large]), exportEntry([...address, ["MESSAGE", "next"]]));
  expect(Object.values(first?.fields ?? {}).join("").length).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(first?.fields.F11).toBe("");
  expect(second?.fields).toEqual({ MESSAGE: "next" });
});

test.each([
  ["a value that does not end where it should", "A\n\x01\0\0\0\0\0\0\0xx\n", "A does not end where it should"],
  ["a length that is none", `A\n${"\xff".repeat(8)}`, "A claims 18446744073709551615 bytes"],
  ["a time that is none", "__REALTIME_TIMESTAMP=now\n", '__REALTIME_TIMESTAMP is "now"'],
])("%s is refused", (_, text, message) => {
  expect(() => parse(Buffer.from(text, "latin1"))).toThrow(new JournalExportError(message));
});

const name = fc.stringMatching(/^[A-Z_]{1,3}[A-Z0-9]{0,5}$/).filter((text) => !text.startsWith("__"));
const field = fc.tuple(
  name,
  fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  ),
);
const entries = fc.array(fc.array(field, { maxLength: 6 }).map((fields) => [...address, ...fields]));

test("entries are the same however the stream is cut into pieces", () => {
  fc.assert(
    fc.property(entries, fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (written, sizes) => {
      const stream = Buffer.concat(written.map(exportEntry));
      const parser = new JournalExportParser();
      const found = [];
      // One piece of memory for all, as a reader may have it.
      const piece = Buffer.alloc(30);
      for (let at = 0; at < stream.length; ) {
        const copied = stream.copy(piece, 0, at, at + (sizes.next().value ?? 1));
        found.push(...parser.push(piece.subarray(0, copied)));
        at += copied;
      }
      expect(found.map((entry) => ({ ...entry, fields: { ...entry.fields } }))).toEqual(written.map(readEntry));
    }),
  );
});
