import { readFileSync } from "node:fs";

/** From numbers to names, as passwd(5) has them; nothing where it cannot be read. */
export function userNames(path = "/etc/passwd"): ReadonlyMap<string, string> {
  try {
    const entries = readFileSync(path, "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .flatMap(([name = "", , uid = ""]): [string, string][] => (uid === "" ? [] : [[uid, name]]));
    return new Map(entries);
  } catch {
    return new Map();
  }
}
