import { expect, test } from "vitest";
import { decolorize } from "../../../src/formats/log-line/decolorize.ts";

test.each([
  ["plain [0m text", "plain [0m text"],
  ["\u001b[1;31mred\u001b[0m and \u001b[38;5;12mblue\u001b[m", "red and blue"],
  ["\u001b[38;2;1;2;3mtrue colour\u001b[39m", "true colour"],
  ["\u009b32mgreen\u009b0m", "green"],
  ["\u001b[2K\u001b[1Gcleared", "cleared"],
  ["\u001b]8;;http://x.test/\u0007link\u001b]8;;\u0007", "link"],
  ["é\u001b[0mü", "éü"],
])("%j becomes %j", (line, want) => {
  expect(decolorize(line)).toBe(want);
});
