import { type Kstat, parseKstats, parseObjset, parsePoolIo } from "../../../formats/procfs/kstat.ts";
import type { Labels } from "../../../signals/labels.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Emit, gauge, untyped } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere, orNoData } from "../missing.ts";

/** The files of the module as a whole, with the middle of their metrics' names. */
const modules: readonly (readonly [name: string, file: string])[] = [
  ["abd", "abdstats"],
  ["arc", "arcstats"],
  ["dbuf", "dbufstats"],
  ["dmu_tx", "dmu_tx"],
  ["dnode", "dnodestats"],
  ["fm", "fm"],
  ["vdev_cache", "vdev_cache_stats"],
  ["vdev_mirror", "vdev_mirror_stats"],
  ["xuio", "xuio_stats"],
  ["zfetch", "zfetchstats"],
  ["zil", "zil"],
];

const poolState = gauge("node_zfs_zpool_state", "kstat.zfs.misc.state");
const poolStates = ["online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"];

const folder = "spl/kstat/zfs";

export const zfs: CollectorSpec = {
  name: "zfs",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const names = orNoData("ZFS", () => files.procNames(folder));
      for (const [name, file] of modules) {
        if (!names.includes(file)) continue;
        emitKstats(emit, `zfs_${name}`, file, parseKstats(files.procOnce(`${folder}/${file}`), file), noLabels);
      }
      for (const name of names) emitPool(emit, files, name);
    };
  },
};

/** Other entries of the folder are files. A pool may be exported while it is read. */
function emitPool(emit: Emit, files: HostFiles, pool: string): void {
  for (const name of ifThere(() => files.procNames(`${folder}/${pool}`), ["ENOENT", "ENOTDIR"]) ?? []) {
    if (name !== "io" && name !== "state" && !name.startsWith("objset-")) continue;
    const text = ifThere(() => files.procOnce(`${folder}/${pool}/${name}`));
    if (text === undefined) continue;
    if (name === "io") emitKstats(emit, "zfs_zpool", "io", parsePoolIo(text, name), ["zpool", pool]);
    else if (name === "state") emitState(emit, pool, text);
    else emitDataset(emit, pool, text, name);
  }
}

function emitState(emit: Emit, pool: string, text: string): void {
  const current = text.split("\n")[0]!.toLowerCase();
  for (const state of poolStates) emit(poolState, ["state", state, "zpool", pool], state === current ? 1 : 0);
}

function emitDataset(emit: Emit, pool: string, text: string, file: string): void {
  const { dataset, kstats } = parseObjset(text, file);
  emitKstats(emit, "zfs_zpool_dataset", "objset", kstats, ["dataset", dataset, "zpool", pool]);
}

function emitKstats(emit: Emit, subsystem: string, file: string, kstats: readonly Kstat[], labels: Labels): void {
  for (const { name, value } of kstats) {
    const metric = `node_${subsystem}_${name.replaceAll("-", "_")}`;
    emit(untyped(metric, `kstat.zfs.misc.${file}.${name}`), labels, value);
  }
}
