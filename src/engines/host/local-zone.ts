import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** Where Go looks, which is what node_exporter finds. */
const zoneFolders = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];

/**
 * The TZif file of the local zone, found as Go finds it: /etc/localtime if TZ is not set, else the file that TZ names;
 * an empty TZ or one that names no file is UTC (undefined), POSIX rules in TZ are not understood.
 */
export function localZone(tz: string | undefined): Uint8Array | undefined {
  if (tz === undefined) return readIfThere("/etc/localtime");
  const name = tz.replace(/^:/, "");
  if (name === "" || name.split("/").includes("..")) return undefined;
  if (isAbsolute(name)) return readIfThere(name);
  for (const folder of zoneFolders) {
    const data = readIfThere(join(folder, name));
    if (data !== undefined) return data;
  }
  return undefined;
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
