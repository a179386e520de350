import { expect, test } from "vitest";
import { utf8 } from "../../../src/formats/procfs/text.ts";

test("bytes become text, a run of invalid ones becomes one replacement character", () => {
  const f = (bytes: number[], want: string) => expect(utf8(Buffer.from(bytes).toString("latin1"))).toBe(want);

  f([0x2f, 0x61], "/a");
  f([0x2f, 0xc3, 0xa9], "/é");
  f([0x2f, 0xe9], "/\uFFFD");
  f([0x2f, 0xe9, 0xe8, 0xff, 0x61, 0xe0], "/\uFFFDa\uFFFD");
});
