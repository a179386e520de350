import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeptAttributes } from "../../../src/engines/host/kept-attributes.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { openBelow } from "./fixture-host.ts";

const content = (descriptor: number) => readFileSync(`/proc/self/fd/${descriptor}`, "utf8");

test("a device that is gone is looked for anew, other errors are answers", () => {
  using dir = tempDir();
  const path = join(dir.path, "speed");
  writeFileSync(path, "1000");
  let answer = "";
  const read: number[] = [];
  const attributes = new KeptAttributes((descriptor) => {
    read.push(descriptor);
    const code = answer;
    answer = "";
    if (code !== "") throw Object.assign(new Error(code), { code });
    return content(descriptor);
  });
  expect(attributes.read(path)).toBe("1000");
  answer = "EINVAL";
  expect(() => attributes.read(path)).toThrow("EINVAL");
  expect(openBelow(dir.path)).toBe(1);
  answer = "ENODEV";
  expect(attributes.read(path)).toBe("1000");
  expect(read).toHaveLength(4);
  expect(openBelow(dir.path)).toBe(1);
  attributes.close();
  expect(openBelow(dir.path)).toBe(0);
});
