import { lines, malformed } from "./text.ts";

/** One line of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)). All strings are byte strings: paths need not be UTF-8. */
export interface Mount {
  readonly major: string;
  readonly minor: string;
  readonly mountPoint: string;
  readonly fsType: string;
  readonly device: string;
  readonly options: readonly string[];
  readonly superOptions: readonly string[];
}

/**
 * Fields are counted from both ends, because the number of optional ones in the middle varies: the hyphen must be the
 * fourth last. Of the escapes only blank and tab are decoded, which is what node_exporter's label has.
 */
export function parseMountinfo(byteString: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of lines(byteString)) {
    const fields = line.split(" ");
    const [, , majorMinor = "", , mountPoint = "", options = ""] = fields;
    const [hyphen, fsType = "", device = "", superOptions = ""] = fields.slice(-4);
    const [major = "", minor] = majorMinor.split(":");
    if (fields.length < 10 || hyphen !== "-" || minor === undefined) throw malformed("mountinfo", line);
    mounts.push({
      major,
      minor,
      mountPoint: mountPoint.replaceAll("\\040", " ").replaceAll("\\011", "\t"),
      fsType,
      device,
      options: options.split(","),
      superOptions: superOptions.split(","),
    });
  }
  return mounts;
}
