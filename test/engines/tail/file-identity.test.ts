import { expect, test } from "vitest";
import {
  continues,
  type FileIdentity,
  hashed,
  inodeOf,
  nothingHashed,
  readFully,
  readPrefix,
} from "../../../src/engines/tail/file-identity.ts";

/** A file in memory that gives few bytes at a time. */
function fileOf(text: string, most = 7) {
  const bytes = Buffer.from(text);
  return {
    read: async (into: Uint8Array, position: number) => bytes.copy(into.subarray(0, most), 0, Math.max(0, position)),
  };
}

const text = "first line\nsecond line\nthird line\n";
const identity: FileIdentity = {
  id: "1:2",
  prefix: hashed(Buffer.from(text.slice(0, 20))),
  tail: hashed(Buffer.from(text.slice(12, 23))),
  offset: 23,
};

test("a file that grew is the same file", async () => {
  expect(await continues(fileOf(text), identity)).toBe(true);
  expect(await continues(fileOf(`${text}more\n`), identity)).toBe(true);
});

test("another beginning, another end or too little is another file", async () => {
  expect(await continues(fileOf(text.replace("first", "other")), identity)).toBe(false);
  expect(await continues(fileOf(text.replace("second line", "second LINE")), identity)).toBe(false);
  expect(await continues(fileOf(text.slice(0, 21)), identity)).toBe(false);
  expect(await continues(fileOf(""), identity)).toBe(false);
});

test("a file of which nothing was known goes on with any content", async () => {
  const unknown = { id: "1:2", prefix: nothingHashed, tail: nothingHashed, offset: 0 };
  expect(await continues(fileOf(text), unknown)).toBe(true);
});

test("the prefix is what there is, up to 1 KiB", async () => {
  expect((await readPrefix(fileOf(text))).toString()).toBe(text);
  expect((await readPrefix(fileOf("x".repeat(5000)))).length).toBe(1024);
});

test("inodes are compared without their device", () => {
  expect(inodeOf("2049:131")).toBe(inodeOf("50:131"));
});

test("all that is asked for is read, however much it is and however little comes at a time", async () => {
  const text = Array.from({ length: 40_000 }, (_, at) => `${at}\n`).join("");
  for (const most of [1000, text.length]) {
    for (const length of [64 * 1024, 64 * 1024 + 1, text.length, 2 * text.length]) {
      const bytes = await readFully(fileOf(text, most), length, 3);
      expect(bytes.toString() === text.slice(3, 3 + length)).toBe(true);
    }
  }
});
