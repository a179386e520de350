import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localZone } from "../../../src/engines/host/local-zone.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("TZ may name a file by its path, with or without a colon", () => {
  using dir = tempDir();
  const path = join(dir.path, "zone");
  writeFileSync(path, "TZif");
  expect(Buffer.from(localZone(path) ?? []).toString()).toBe("TZif");
  expect(Buffer.from(localZone(`:${path}`) ?? []).toString()).toBe("TZif");
});

test("an empty TZ, and one that names no file, is UTC", () => {
  const f = (tz: string) => expect(localZone(tz)).toBeUndefined();

  f("");
  f("Nowhere/Land");
  f("CET-1CEST");
  f("../../../etc/hostname");
  f("/nowhere/zone");
});
