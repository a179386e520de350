import { integer } from "../../../formats/procfs/text.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, type Emit, type Family, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere, orNoData } from "../missing.ts";

const info = gauge("node_watchdog_info", "Info of /sys/class/watchdog/<watchdog>");

/** Documentation/ABI/testing/sysfs-class-watchdog. */
const numbers: readonly (readonly [attribute: string, family: Family])[] = [
  ["bootstatus", numberOf("bootstatus")],
  ["fw_version", numberOf("fw_version")],
  ["nowayout", numberOf("nowayout")],
  ["timeleft", numberOf("timeleft", "_seconds")],
  ["timeout", numberOf("timeout", "_seconds")],
  ["pretimeout", numberOf("pretimeout", "_seconds")],
  ["access_cs0", numberOf("access_cs0")],
];

const folder = "class/watchdog";

export const watchdog: CollectorSpec = {
  name: "watchdog",
  enabledByDefault: true,

  create({ files }) {
    return (emit) =>
      allOrNothing(emit, (held) => {
        const names = orNoData("watchdogs", () => files.sysFolders(folder));
        for (const name of names) emitWatchdog(held, files, name);
      });
  },
};

function emitWatchdog(emit: Emit, files: HostFiles, name: string): void {
  const text = (attribute: string) => ifThere(() => files.sysAttribute(`${folder}/${name}/${attribute}`));
  for (const [attribute, family] of numbers) {
    const found = text(attribute);
    if (found === undefined) continue;
    const value = integer(found);
    if (value === undefined) throw new Error(`cannot parse ${folder}/${name}/${attribute}: ${JSON.stringify(found)}`);
    emit(family, ["name", name], value);
  }
  const labels = {
    identity: text("identity") ?? "",
    name,
    options: text("options") ?? "",
    pretimeout_governor: text("pretimeout_governor") ?? "",
    state: text("state") ?? "",
    status: text("status") ?? "",
  };
  emit(info, Object.entries(labels).flat(), 1);
}

function numberOf(attribute: string, unit = ""): Family {
  return gauge(`node_watchdog_${attribute}${unit}`, `Value of /sys/class/watchdog/<watchdog>/${attribute}`);
}
