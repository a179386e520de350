import { malformed, unsigned, words } from "./text.ts";

/** A device of /proc/mdstat (md(4)). */
export interface MdDevice {
  readonly name: string;
  readonly activity: MdActivity;
  readonly disks: { readonly active: number; readonly failed: number; readonly spare: number; readonly total: number };
  /** In the unit of the file, KiB. */
  readonly blocks: number;
  readonly blocksSynced: number;
}

export type MdActivity = "active" | "inactive" | "recovering" | "resyncing" | "checking" | "reshaping";

/**
 * A device has a line of its own, a status line, and where the kernel is at work on it a line that tells how far; a
 * line about its bitmap may stand between or behind:
 *
 *     md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]
 *           195310144 blocks [2/1] [U_]
 *           [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec
 */
export function parseMdstat(text: string): MdDevice[] {
  const all = text.split("\n");
  const devices: MdDevice[] = [];
  for (const [at, line] of all.entries()) {
    if (line.trim() === "" || /^(?:\s|Personalities|unused)/.test(line)) continue;
    const [status = "", next = "", afterBitmap = ""] = all.slice(at + 1);
    devices.push(parseDevice(line, status, next.includes("bitmap") ? afterBitmap : next));
  }
  return devices;
}

function parseDevice(line: string, status: string, sync: string): MdDevice {
  const [name = "", , activity] = words(line);
  if (activity !== "active" && activity !== "inactive") throw malformed("mdstat", line);
  const blocks = unsigned(words(status)[0], "mdstat", status);
  const { total, active } = parseDisks(line, status);
  const work = syncActivities.find(([word]) => sync.includes(word))?.[1];
  return {
    name,
    activity: work ?? activity,
    disks: { active, total, failed: count(line, "(F)"), spare: count(line, "(S)") },
    blocks,
    blocksSynced: work === undefined ? blocks : parseSynced(sync),
  };
}

/** In the order in which upstream looks for them. */
const syncActivities: readonly (readonly [word: string, activity: MdActivity])[] = [
  ["recovery", "recovering"],
  ["reshape", "reshaping"],
  ["resync", "resyncing"],
  ["check", "checking"],
];

/** Stripes have no spare and no missing disk: all that are listed are needed. */
function parseDisks(line: string, status: string): { total: number; active: number } {
  if (/raid0|linear/.test(line)) return { total: count(line, "["), active: count(line, "[") };
  if (line.includes("inactive")) return { total: 0, active: 0 };
  const [, total, active] = /blocks .*\[(\d+)\/(\d+)\] \[[U_]+\]/.exec(status) ?? [];
  return { total: unsigned(total, "mdstat", status), active: unsigned(active, "mdstat", status) };
}

function parseSynced(sync: string): number {
  if (/PENDING|DELAYED/.test(sync)) return 0;
  return unsigned(/\((\d+)\/\d+\)/.exec(sync)?.[1], "mdstat", sync);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
