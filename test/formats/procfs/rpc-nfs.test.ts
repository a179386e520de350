import { expect, test } from "vitest";
import { parseRpcStats, procedureCounts } from "../../../src/formats/procfs/rpc-nfs.ts";

test("lines that are not known are left out, whatever they hold", () => {
  const stats = parseRpcStats("net 1 2 3 4\nnew line x\n", "net/rpc/nfs", { net: 4 });
  expect([...stats]).toEqual([["net", [1, 2, 3, 4]]]);
});

test("the fractions behind the threads are not read", () => {
  const stats = parseRpcStats("th 8 0 0.000 0.500\n", "net/rpc/nfsd", { th: 2 });
  expect(stats.get("th")).toEqual([8, 0]);
});

test("a line that is too short, or has what is no number, is refused", () => {
  expect(() => parseRpcStats("net 1 2\n", "net/rpc/nfs", { net: 4 })).toThrow("cannot parse net/rpc/nfs");
  expect(() => parseRpcStats("net 1 2 3 x\n", "net/rpc/nfs", { net: 4 })).toThrow("cannot parse net/rpc/nfs");
});

test("a kernel may know fewer procedures, or more", () => {
  expect(procedureCounts([2, 10, 11], ["A", "B", "C"])).toEqual([
    ["A", 10],
    ["B", 11],
    ["C", 0],
  ]);
  expect(procedureCounts([3, 10, 11, 12], ["A"])).toEqual([["A", 10]]);
});
