import { expect, test } from "vitest";
import { countEntries, splitBatches } from "../../../src/formats/loki-push/split.ts";
import { logRows } from "../../support/log-rows.ts";

const a = logRows({ app: "a" }, [1n, "1"], [2n, "2", { k: "v" }], [3n, "3"]);
const b = logRows({ app: "b" }, [4n, "4"], [5n, "5"]);

test("halves have half of the entries, in their order, with all that belongs to them", () => {
  expect(splitBatches([a, b])).toEqual([
    [logRows({ app: "a" }, [1n, "1"], [2n, "2", { k: "v" }])],
    [{ ...logRows({ app: "a" }, [3n, "3"]), metadata: [[]] }, b],
  ]);
  expect(splitBatches([b, a])?.[0]).toEqual([b]);
  expect(countEntries([a, b])).toBe(5);
});

test("a single entry cannot be cut", () => {
  expect(splitBatches([logRows({ app: "a" }, "1")])).toBeUndefined();
  expect(splitBatches([])).toBeUndefined();
});
