import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NoData } from "../../../src/engines/host/collector.ts";
import {
  attribute,
  attributeNumber,
  classNames,
  integer,
  procNames,
} from "../../../src/engines/host/hardware-files.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fixtureFiles } from "./fixture-host.ts";

test("hardware that is not there has no data; a folder that cannot be listed is a failure", () => {
  using dir = tempDir();
  const files = fixtureFiles({ sysfs: dir.path, procfs: dir.path });
  expect(() => classNames(files, "class/tape")).toThrow(new NoData("there is no class/tape"));
  expect(procNames(files, "net/stat")).toEqual([]);
  mkdirSync(join(dir.path, "class/tape/st1"), { recursive: true });
  mkdirSync(join(dir.path, "class/tape/st0"));
  expect(classNames(files, "class/tape")).toEqual(["st0", "st1"]);
  writeFileSync(join(dir.path, "class/file"), "");
  expect(() => classNames(files, "class/file")).toThrow(`cannot list ${dir.path}/class/file`);
});

test("an attribute must be there, and be a number where one is needed", () => {
  using dir = tempDir();
  const files = fixtureFiles({ sysfs: dir.path });
  writeFileSync(join(dir.path, "a"), "0x1f\n");
  writeFileSync(join(dir.path, "b"), "odd\n");
  expect([attribute(files, "a"), attributeNumber(files, "a")]).toEqual(["0x1f", 31]);
  expect(() => attribute(files, "c")).toThrow(`cannot read ${dir.path}/c`);
  expect(() => attributeNumber(files, "b")).toThrow(`cannot parse ${dir.path}/b: "odd"`);
});

test("integers are decimal, or hexadecimal with 0x", () => {
  expect(["12", "-1", "0xff", "", "1.5", "N/A"].map(integer)).toEqual([12, -1, 255, undefined, undefined, undefined]);
});
