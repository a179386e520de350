import type { CollectorSpec } from "./collector.ts";
import { cpu } from "./collectors/cpu.ts";
import { diskstats } from "./collectors/diskstats.ts";
import { filesystem } from "./collectors/filesystem.ts";
import { loadavg } from "./collectors/loadavg.ts";
import { meminfo } from "./collectors/meminfo.ts";
import { netdev } from "./collectors/netdev.ts";
import { os } from "./collectors/os.ts";
import { stat } from "./collectors/stat.ts";
import { time } from "./collectors/time.ts";
import { uname } from "./collectors/uname.ts";
import { vmstat } from "./collectors/vmstat.ts";

/** Every collector there is, by name. */
export const collectors: readonly CollectorSpec[] = [
  cpu,
  diskstats,
  filesystem,
  loadavg,
  meminfo,
  netdev,
  os,
  stat,
  time,
  uname,
  vmstat,
];

export const collectorNames = collectors.map(({ name }) => name);

interface Selection {
  /** In place of those that are on by default. */
  readonly set?: readonly string[] | undefined;
  readonly enable: readonly string[];
  /** Wins over the other two. */
  readonly disable: readonly string[];
}

/** The collectors that run, of those that this machine can have. */
export function selectCollectors(
  { set, enable, disable }: Selection,
  available: readonly CollectorSpec[] = collectors,
): CollectorSpec[] {
  return available.filter(({ name, enabledByDefault }) => {
    const isSet = set?.includes(name) ?? enabledByDefault;
    return (isSet || enable.includes(name)) && !disable.includes(name);
  });
}
