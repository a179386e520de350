import { zoneOffsetAt } from "../../../formats/procfs/tzif.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const seconds = gauge("node_time_seconds", "System time in seconds since epoch (1970).");
const zoneOffset = gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.");
const available = gauge(
  "node_time_clocksource_available_info",
  "Available clocksources read from '/sys/devices/system/clocksource'.",
);
const current = gauge(
  "node_time_clocksource_current_info",
  "Current clocksource read from '/sys/devices/system/clocksource'.",
);

const utc = { abbreviation: "UTC", seconds: 0 };

export const time: CollectorSpec = {
  name: "time",
  enabledByDefault: true,

  create({ clock, files, localZone }) {
    // Read once, as Go does: a process keeps the zone it started with.
    let zone: { file: Uint8Array | undefined } | undefined;
    return (emit) => {
      const now = clock.now() / 1000;
      zone ??= { file: localZone() };
      const offset = zone.file === undefined ? utc : zoneOffsetAt(zone.file, now);
      emit(seconds, noLabels, now);
      emit(zoneOffset, ["time_zone", offset.abbreviation], offset.seconds);
      emitClockSources(files, emit);
    };
  },
};

/** `device` counts the folders; nearly every machine has one, whatever its number of clocks. */
function emitClockSources(files: HostFiles, emit: Emit): void {
  const folder = "devices/system/clocksource";
  const sources = files.sysNames(folder).filter((name) => name.startsWith("clocksource"));
  for (const [device, source] of sources.entries()) {
    const names = files.sys(`${folder}/${source}/available_clocksource`);
    const chosen = files.sys(`${folder}/${source}/current_clocksource`);
    if (names === undefined || chosen === undefined)
      throw new Error(`cannot read ${files.paths.sysfs}/${folder}/${source}`);
    for (const name of names.split(/\s+/)) emit(available, ["clocksource", name, "device", String(device)], 1);
    emit(current, ["clocksource", chosen, "device", String(device)], 1);
  }
}
