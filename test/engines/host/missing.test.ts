import { expect, test } from "vitest";
import { NoData } from "../../../src/engines/host/collector.ts";
import { ifThere, orNoData } from "../../../src/engines/host/missing.ts";

function failing(code: string): () => string {
  return () => {
    throw new Error("cannot read it", { cause: Object.assign(new Error(code), { code }) });
  };
}

test("a file that is not there is nothing, another failure stays one", () => {
  expect(ifThere(() => "text")).toBe("text");
  expect(ifThere(failing("ENOENT"))).toBeUndefined();
  expect(ifThere(failing("EACCES"), ["ENOENT", "EACCES"])).toBeUndefined();
  expect(() => ifThere(failing("EACCES"))).toThrow("cannot read it");
});

test("it may mean that the host has nothing of the kind", () => {
  expect(orNoData("RAID", () => "text")).toBe("text");
  expect(() => orNoData("RAID", failing("ENOENT"))).toThrow(new NoData("this host has no RAID"));
  expect(() => orNoData("RAID", failing("EIO"))).toThrow("cannot read it");
});
