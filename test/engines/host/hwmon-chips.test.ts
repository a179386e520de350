import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanName, findChips } from "../../../src/engines/host/hwmon-chips.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { filesOf } from "./fixture-host.ts";

test("a name is made of what metrics may have", () => {
  const f = (text: string, want: string) => expect(cleanName(text)).toBe(want);

  f("coretemp.0", "coretemp_0");
  f("0000:00:18.3", "0000:00:18_3");
  f("  Fan #1 ", "fan__1");
  f("__", "");
});

/** Monitors of one device, each with the name that its driver gives. */
function namesOf(monitors: Record<string, string>): string[] {
  using dir = tempDir();
  const device = join(dir.path, "sys/devices/platform/board.0");
  mkdirSync(join(dir.path, "sys/class/hwmon"), { recursive: true });
  for (const [name, driver] of Object.entries(monitors)) {
    mkdirSync(join(device, name), { recursive: true });
    symlinkSync(device, join(device, name, "device"));
    writeFileSync(join(device, name, "name"), `${driver}\n`);
    symlinkSync(join(device, name), join(dir.path, "sys/class/hwmon", name));
  }
  const files = filesOf(dir.path);
  return findChips(files, files.sysFolders("class/hwmon")).map(({ chip }) => chip);
}

test("a monitor alone is called like its device", () => {
  expect(namesOf({ hwmon0: "coretemp" })).toEqual(["platform_board_0"]);
});

test("monitors that share a device have their own names behind its, or their numbers where these are not unique", () => {
  expect(namesOf({ hwmon0: "cpu", hwmon1: "gpu" })).toEqual(["platform_board_0_cpu", "platform_board_0_gpu"]);
  expect(namesOf({ hwmon0: "cpu", hwmon1: "cpu", hwmon2: "gpu", hwmon3: "" })).toEqual([
    "platform_board_0_hwmon0",
    "platform_board_0_hwmon1",
    "platform_board_0_gpu",
    "platform_board_0_hwmon3",
  ]);
});
