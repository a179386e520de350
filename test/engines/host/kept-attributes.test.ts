import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attributeText, KeptAttributes } from "../../../src/engines/host/kept-attributes.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { openBelow } from "./fixture-host.ts";

test("both ways to read share one descriptor, and give fresh content", async () => {
  using dir = tempDir();
  const path = join(dir.path, "mtu");
  const attributes = new KeptAttributes();
  writeFileSync(path, "1500\n");
  expect(attributes.read(path)).toBe("1500");
  writeFileSync(path, "9000\n");
  expect(await attributes.readLater(path)).toBe("9000");
  expect(await Promise.all([attributes.readLater(path), attributes.readLater(path)])).toEqual(["9000", "9000"]);
  expect(openBelow(dir.path)).toBe(1);
  attributes.close();
  expect(openBelow(dir.path)).toBe(0);
  expect(await attributes.readLater(path)).toBe("9000");
  expect(openBelow(dir.path)).toBe(0);
});

test("a descriptor that is read from is closed when that is done", async () => {
  using dir = tempDir();
  const path = join(dir.path, "temp");
  writeFileSync(path, "38850\n");
  const attributes = new KeptAttributes();
  const reading = attributes.readLater(path);
  attributes.close();
  expect(openBelow(dir.path)).toBe(1);
  expect(await reading).toBe("38850");
  expect(openBelow(dir.path)).toBe(0);
});

test("what fails is an answer, and is asked again the next time", async () => {
  const attributes = new KeptAttributes();
  const speed = "/sys/class/net/lo/speed";
  for (let n = 0; n < 2; n++) {
    expect(() => attributes.read(speed)).toThrow("EINVAL");
    await expect(attributes.readLater(speed)).rejects.toThrow("EINVAL");
  }
  expect(() => attributes.read("/sys/nowhere")).toThrow("ENOENT");
  await expect(attributes.readLater("/sys/nowhere")).rejects.toThrow("ENOENT");
  attributes.close();
});

test("an attribute is trimmed text", () => {
  const f = (bytes: number[], want: string) => expect(attributeText(Buffer.from(bytes), bytes.length)).toBe(want);

  f([0x20, 0x34, 0x32, 0x0a], "42");
  f([0x61, 0xff, 0xfe, 0x62], "a\uFFFDb");
  f([], "");
});
