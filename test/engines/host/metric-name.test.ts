import { expect, test } from "vitest";
import { metricName } from "../../../src/engines/host/metric-name.ts";

test("runs of odd characters, with the underscores around them, become one underscore", () => {
  const f = (name: string, want: string) => expect(metricName(name)).toBe(want);

  f("btree_node-split", "btree_node_split");
  f("rx_ - _bytes", "rx_bytes");
  f("[0]: rx", "_0_rx");
  f("a__b", "a__b");
});
