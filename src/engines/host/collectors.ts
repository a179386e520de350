import type { CollectorSpec } from "./collector.ts";
import { bcache } from "./collectors/bcache.ts";
import { bcachefs } from "./collectors/bcachefs.ts";
import { cpu } from "./collectors/cpu.ts";
import { diskstats } from "./collectors/diskstats.ts";
import { dmmultipath } from "./collectors/dmmultipath.ts";
import { drbd } from "./collectors/drbd.ts";
import { drm } from "./collectors/drm.ts";
import { ethtool } from "./collectors/ethtool.ts";
import { fibrechannel } from "./collectors/fibrechannel.ts";
import { filesystem } from "./collectors/filesystem.ts";
import { infiniband } from "./collectors/infiniband.ts";
import { lnstat } from "./collectors/lnstat.ts";
import { loadavg } from "./collectors/loadavg.ts";
import { logind } from "./collectors/logind.ts";
import { meminfo } from "./collectors/meminfo.ts";
import { netdev } from "./collectors/netdev.ts";
import { networkRoute } from "./collectors/network-route.ts";
import { ntp } from "./collectors/ntp.ts";
import { nvmesubsystem } from "./collectors/nvmesubsystem.ts";
import { os } from "./collectors/os.ts";
import { pcidevice } from "./collectors/pcidevice.ts";
import { qdisc } from "./collectors/qdisc.ts";
import { runit } from "./collectors/runit.ts";
import { stat } from "./collectors/stat.ts";
import { supervisord } from "./collectors/supervisord.ts";
import { systemd } from "./collectors/systemd.ts";
import { tapestats } from "./collectors/tapestats.ts";
import { time } from "./collectors/time.ts";
import { timex } from "./collectors/timex.ts";
import { uname } from "./collectors/uname.ts";
import { vmstat } from "./collectors/vmstat.ts";
import { wifi } from "./collectors/wifi.ts";
import { xfrm } from "./collectors/xfrm.ts";

/** Every collector there is, by name. */
export const collectors: readonly CollectorSpec[] = [
  bcache,
  bcachefs,
  cpu,
  diskstats,
  dmmultipath,
  drbd,
  drm,
  ethtool,
  fibrechannel,
  filesystem,
  infiniband,
  lnstat,
  loadavg,
  logind,
  meminfo,
  netdev,
  networkRoute,
  ntp,
  nvmesubsystem,
  os,
  pcidevice,
  qdisc,
  runit,
  stat,
  supervisord,
  systemd,
  tapestats,
  time,
  timex,
  uname,
  vmstat,
  wifi,
  xfrm,
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
