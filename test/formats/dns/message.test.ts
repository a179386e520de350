import fc from "fast-check";
import { expect, test } from "vitest";
import { DnsFormatError } from "../../../src/formats/dns/format-error.ts";
import { decodeAnswer, encodeQuery } from "../../../src/formats/dns/message.ts";
import { encodeName } from "../../../src/formats/dns/name.ts";

/** A message of an answer: flags, a question, and records as hex. */
function answer(flags: string, question: string, count: number, records: string): Buffer {
  const counts = `0001${count.toString(16).padStart(4, "0")}00000000`;
  return Buffer.from(`1234${flags}${counts}${question}${records}`.replaceAll(" ", ""), "hex");
}

/** `a.test`, A, IN; it begins at byte 12. */
const question = "0161 0474657374 00 0001 0001";

test("a query asks one question, with recursion, and has room for 4096 bytes", () => {
  expect(encodeQuery(0x1234, "a.test", "SRV").toString("hex")).toBe(
    "1234010000010000000000010161047465737400002100010000291000000000000000",
  );
  expect(encodeQuery(1, ".", "NS").subarray(12, 13).toString("hex")).toBe("00");
});

test("names that are none are refused", () => {
  for (const name of ["", "a..b", ".a", "x".repeat(64), Array(50).fill("label").join(".")]) {
    expect(() => encodeName(name), name).toThrow(DnsFormatError);
  }
});

test("records of all kinds are read, names behind pointers too, and the shortest time to live counts", () => {
  const records = [
    "c00c 0001 0001 00000e10 0004 0a000001",
    "c00c 001c 0001 0000000a 0010 20010db8000000000000000000000001",
    "c00c 001c 0001 0000000f 0010 00000000000000000000ffff0a000002",
    "c00c 0002 0001 00000e10 0006 036e7331 c00e",
    "c00c 000f 0001 00000e10 0008 000a 036d7831 c00e",
    "c00c 0021 0001 00000e10 000a 0001 0002 1f90 0173 c00e",
    "c00c 0005 0001 00000e10 0002 c00e",
  ];
  expect(decodeAnswer(answer("8180", question, records.length, records.join("")))).toEqual({
    id: 0x1234,
    question: "a.test.",
    rcode: "NOERROR",
    isTruncated: false,
    ttl: 10,
    records: [
      { type: "A", address: "10.0.0.1" },
      { type: "AAAA", address: "2001:db8::1" },
      { type: "AAAA", address: "10.0.0.2" },
      { type: "NS", target: "ns1.test." },
      { type: "MX", target: "mx1.test." },
      { type: "SRV", target: "s.test.", port: 8080 },
    ],
  });
});

test("what the server thinks of the question is told by name", () => {
  function f(flags: string, want: object) {
    expect(decodeAnswer(answer(flags, question, 0, ""))).toMatchObject({ ...want, ttl: undefined });
  }
  f("8182", { rcode: "SERVFAIL", isTruncated: false });
  f("8183", { rcode: "NXDOMAIN" });
  f("818f", { rcode: "RCODE 15" });
  f("8380", { rcode: "NOERROR", isTruncated: true });
});

test("unusual bytes in names are spelled as in zone files", () => {
  const odd = "04 612e 20ff 00 0001 0001";
  expect(decodeAnswer(answer("8180", odd, 0, "")).question).toBe("a\\.\\ \\255.");
});

test("messages that make no sense are refused", () => {
  function f(message: Buffer, error: string) {
    expect(() => decodeAnswer(message)).toThrow(new DnsFormatError(error));
  }
  f(Buffer.alloc(5), "the message breaks off");
  f(answer("0100", question, 0, ""), "not an answer to one question");
  f(answer("8180", question, 1, ""), "the message breaks off");
  f(answer("8180", "c00c 0001 0001", 0, ""), "a name points to itself");
  f(answer("8180", question, 1, "c00c 0001 0001 00000e10 0005 0a00000100"), "an address of 5 bytes");
  f(answer("8180", "8161 00 0001 0001", 0, ""), "a label of an unknown kind");
});

test("no bytes whatever do more than be refused", () => {
  const header = fc.constant(Buffer.from("123481800001000400000000", "hex"));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom("c00c", "0161", "0474657374", "00", "00010001", "00000e10", "0004", "0021")
      .map((hex) => Buffer.from(hex, "hex")),
  );
  fc.assert(
    fc.property(header, fc.array(piece, { maxLength: 20 }), (head, pieces) => {
      try {
        decodeAnswer(Buffer.concat([head, ...pieces]));
      } catch (error) {
        expect(error).toBeInstanceOf(DnsFormatError);
      }
    }),
    { numRuns: 3_000 },
  );
});
