import type { CollectorSpec } from "./collector.ts";
import { cpu } from "./collectors/cpu.ts";
import { diskstats } from "./collectors/diskstats.ts";
import { filesystem } from "./collectors/filesystem.ts";
import { loadavg } from "./collectors/loadavg.ts";
import { logind } from "./collectors/logind.ts";
import { meminfo } from "./collectors/meminfo.ts";
import { netdev } from "./collectors/netdev.ts";
import { os } from "./collectors/os.ts";
import { stat } from "./collectors/stat.ts";
import { systemd } from "./collectors/systemd.ts";
import { time } from "./collectors/time.ts";
import { timex } from "./collectors/timex.ts";
import { uname } from "./collectors/uname.ts";
import { vmstat } from "./collectors/vmstat.ts";

/** Every collector there is, by name. */
export const collectors: readonly CollectorSpec[] = [
  cpu,
  diskstats,
  filesystem,
  loadavg,
  logind,
  meminfo,
  netdev,
  os,
  stat,
  systemd,
  time,
  timex,
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

/** The collectors that run. */
export function selectCollectors({ set, enable, disable }: Selection): CollectorSpec[] {
  return collectors.filter(({ name, enabledByDefault }) => {
    const isSet = set?.includes(name) ?? enabledByDefault;
    return (isSet || enable.includes(name)) && !disable.includes(name);
  });
}
