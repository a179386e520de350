import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HostFiles } from "./host-files.ts";

/** A hardware monitor. */
export interface Chip {
  /** Below sysfs. */
  readonly folder: string;
  /** A name made of the place of its device, which stays the same across boots, unlike the number of the monitor. */
  readonly chip: string;
  /** The driver's name; empty if it gives none. */
  readonly chipName: string;
}

/** `folders` are those of class/hwmon. Monitors that share a device get their own names behind the common one. */
export function findChips(files: HostFiles, folders: readonly string[]): Chip[] {
  const chips = folders.map((name) => describe(files, name));
  return chips.map((one) => {
    const same = chips.filter(({ chip }) => chip === one.chip);
    if (same.length === 1) return one;
    const isUnique = one.chipName !== "" && same.filter(({ chipName }) => chipName === one.chipName).length === 1;
    return { ...one, chip: `${one.chip}_${isUnique ? one.chipName : cleanName(basename(one.folder))}` };
  });
}

function describe(files: HostFiles, name: string): Chip {
  const folder = `class/hwmon/${name}`;
  const chipName = cleanName(files.sys(`${folder}/name`) ?? "");
  return {
    folder,
    chipName,
    chip: deviceName(join(files.paths.sysfs, folder, "device")) || chipName || cleanName(name),
  };
}

/** `platform_coretemp_0` of /sys/devices/platform/coretemp.0; empty if there is no device. */
function deviceName(link: string): string {
  try {
    const path = realpathSync(link);
    return [basename(dirname(path)), basename(path)]
      .map(cleanName)
      .filter((part) => part !== "")
      .join("_");
  } catch {
    return "";
  }
}

/** What a metric's name may be made of. */
export function cleanName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, "_")
    .replace(/^_+|_+$/g, "");
}
