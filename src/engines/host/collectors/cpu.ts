import { parseCpuList } from "../../../formats/procfs/cpu-list.ts";
import { type CpuInfo, parseCpuinfo } from "../../../formats/procfs/cpuinfo.ts";
import { cpuModes, parseCpuTimes } from "../../../formats/procfs/stat.ts";
import type { Pattern } from "../../../lib/name-filter.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import { CpuTotals } from "../cpu-totals.ts";
import type { HostFiles } from "../host-files.ts";
import type { HostOptions } from "../options.ts";

export const seconds = counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.");
const guestSeconds = counter("node_cpu_guest_seconds_total", "Seconds the CPUs spent in guests (VMs) for each mode.");
const coreThrottles = counter("node_cpu_core_throttles_total", "Number of times this CPU core has been throttled.");
const packageThrottles = counter(
  "node_cpu_package_throttles_total",
  "Number of times this CPU package has been throttled.",
);
const isolated = gauge(
  "node_cpu_isolated",
  "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
);
const online = gauge("node_cpu_online", "CPUs that are online and being scheduled.");
const info = gauge("node_cpu_info", "CPU information from /proc/cpuinfo.");
const frequency = gauge("node_cpu_frequency_hertz", "CPU frequency in hertz from /proc/cpuinfo.");
const flagInfo = gauge(
  "node_cpu_flag_info",
  "The `flags` field of CPU information from /proc/cpuinfo taken from the first core.",
);
const bugInfo = gauge(
  "node_cpu_bug_info",
  "The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.",
);

const folder = "devices/system/cpu";
const guest = cpuModes.indexOf("guest");
const guestNice = cpuModes.indexOf("guest_nice");

export const cpu: CollectorSpec = {
  name: "cpu",
  enabledByDefault: true,

  create({ files }, options) {
    const totals = new CpuTotals();
    let isolatedCpus: readonly number[] | undefined;
    return (emit) => {
      if (options.cpu.info) emitInfo(emit, parseCpuinfo(files.proc("cpuinfo")), options.cpu);
      emitSeconds(emit, totals.update(parseCpuTimes(files.proc("stat"))), options.cpu.guest);
      // The kernel's command line decides it: once is enough.
      isolatedCpus ??= parseCpuList(files.sys(`${folder}/isolated`) ?? "");
      for (const number of isolatedCpus) emit(isolated, ["cpu", String(number)], 1);
      const cpus = files.sysNames(folder).filter((name) => /^cpu[0-9]/.test(name));
      emitThrottles(emit, files, cpus);
      emitOnline(emit, files, cpus);
    };
  },
};

function emitInfo(emit: Emit, cpus: readonly CpuInfo[], options: HostOptions["cpu"]): void {
  for (const one of cpus) {
    const labels = {
      cachesize: one.cacheSize,
      core: one.core,
      cpu: one.cpu,
      family: one.family,
      microcode: one.microcode,
      model: one.model,
      model_name: one.modelName,
      package: one.package,
      stepping: one.stepping,
      vendor: one.vendor,
    };
    emit(info, Object.entries(labels).flat(), 1);
    if (options.frequency) emit(frequency, ["core", one.core, "cpu", one.cpu, "package", one.package], one.mhz * 1e6);
  }
  emitList(emit, flagInfo, "flag", cpus[0]?.flags ?? [], options.flagsInclude);
  emitList(emit, bugInfo, "bug", cpus[0]?.bugs ?? [], options.bugsInclude);
}

function emitList(
  emit: Emit,
  family: Family,
  label: string,
  values: readonly string[],
  include: Pattern | undefined,
): void {
  if (include === undefined) return;
  for (const value of values) if (include.test(value)) emit(family, [label, value], 1);
}

/** Guest time is also in user and nice, which is why it has a family of its own. */
function emitSeconds(emit: Emit, totals: ReadonlyMap<number, readonly number[]>, withGuest: boolean): void {
  for (const [number, modes] of totals) {
    const name = String(number);
    for (let mode = 0; mode < guest; mode++) emit(seconds, ["cpu", name, "mode", cpuModes[mode]!], modes[mode]!);
    if (!withGuest) continue;
    emit(guestSeconds, ["cpu", name, "mode", "user"], modes[guest]!);
    emit(guestSeconds, ["cpu", name, "mode", "nice"], modes[guestNice]!);
  }
}

/** The CPUs of a core share its count, and the cores of a package theirs: the first CPU that has it speaks for all. */
function emitThrottles(emit: Emit, files: HostFiles, cpus: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of cpus) {
    const throttle = `${folder}/${name}/thermal_throttle`;
    if (!files.hasSys(throttle)) continue;
    const socket = readNumber(files, `${folder}/${name}/topology/physical_package_id`);
    const core = readNumber(files, `${folder}/${name}/topology/core_id`);
    if (socket === undefined || core === undefined) continue;
    const once = (key: string, file: string, family: Family, labels: readonly string[]) => {
      const count = seen.has(key) ? undefined : readNumber(files, `${throttle}/${file}`);
      if (count === undefined) return;
      seen.add(key);
      emit(family, labels, count);
    };
    once(`${socket} ${core}`, "core_throttle_count", coreThrottles, ["core", String(core), "package", String(socket)]);
    once(String(socket), "package_throttle_count", packageThrottles, ["package", String(socket)]);
  }
}

/** Where the first CPU cannot be taken offline (x86 since Linux 6.5), it has no such file, and upstream has no family. */
function emitOnline(emit: Emit, files: HostFiles, cpus: readonly string[]): void {
  const isOnline = (name: string | undefined) => files.sys(`${folder}/${name}/online`);
  if (isOnline(cpus[0]) === undefined) return;
  for (const name of cpus) emit(online, ["cpu", name.slice("cpu".length)], isOnline(name) === "1" ? 1 : 0);
}

function readNumber(files: HostFiles, name: string): number | undefined {
  const text = files.sys(name);
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}
