import { expect, test } from "vitest";
import { errorCode } from "../../../src/engines/host/error-code.ts";

test("the code is the error's own, or that of what caused it", () => {
  const enoent = Object.assign(new Error("gone"), { code: "ENOENT" });
  expect(errorCode(enoent)).toBe("ENOENT");
  expect(errorCode(new Error("cannot read", { cause: new Error("again", { cause: enoent }) }))).toBe("ENOENT");
  expect(errorCode(new Error("plain"))).toBeUndefined();
  expect(errorCode("text")).toBeUndefined();
});
