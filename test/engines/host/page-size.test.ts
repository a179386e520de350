import { expect, test } from "vitest";
import { pageSize } from "../../../src/engines/host/page-size.ts";

test("a page is a power of two, of 4 KiB at least", () => {
  expect(pageSize()).toBeGreaterThanOrEqual(4096);
  expect(Math.log2(pageSize()) % 1).toBe(0);
});
