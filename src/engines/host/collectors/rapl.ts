import { join } from "node:path";
import { unsigned } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, counter, type Emit } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere, orNoData } from "../missing.ts";

const allZones = counter("node_rapl_joules_total", "Current RAPL value in joules");

const folder = "class/powercap";

/** A zone of Intel's running average power limit (Documentation/power/powercap/powercap.rst). */
interface Zone {
  readonly name: string;
  readonly index: number;
  readonly path: string;
}

export const rapl: CollectorSpec = {
  name: "rapl",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const zone of findZones(files)) emitZone(emit, files, zone, options.rapl.zoneLabel);
    };
  },
};

/** `package-0` is zone `package` with index 0; of other names that come more than once each gets the next index. */
function findZones(files: HostFiles): Zone[] {
  const folders = orNoData("RAPL", () => files.sysFolders(folder), ["ENOENT", "EACCES"]);
  const used = new Map<string, number>();
  return folders.flatMap((directory) => {
    const path = `${folder}/${directory}`;
    const full = ifThere(() => files.sysAttribute(`${path}/name`), ["ENOENT", "EACCES", "ENOTDIR"]);
    if (full === undefined) return [];
    const [, base, number] = /^([^-]*)-([0-9]+)$/.exec(full) ?? [];
    const name = base ?? full;
    const index = number === undefined ? (used.get(name) ?? 0) : Number(number);
    used.set(name, index + 1);
    return [{ name, index, path }];
  });
}

/** Since Linux 5.10 only root may read the energy: what it says of the machine's work leaks secrets. */
function emitZone(emit: Emit, files: HostFiles, { name, index, path }: Zone, withZoneLabel: boolean): void {
  const text = orNoData("RAPL that this user may read", () => files.sysAttribute(`${path}/energy_uj`), [
    "EACCES",
    "EPERM",
  ]);
  const joules = unsigned(text, `${path}/energy_uj`, text) / 1000000;
  const labels = ["index", String(index), "path", join(files.paths.sysfs, path)];
  if (withZoneLabel) {
    emit(allZones, [...labels, "rapl_zone", name], joules);
    return;
  }
  const family = counter(
    `node_rapl_${name.replace(/[^a-zA-Z0-9_]/g, "_")}_joules_total`,
    `Current RAPL ${name} value in joules`,
  );
  emit(family, labels, joules);
}
