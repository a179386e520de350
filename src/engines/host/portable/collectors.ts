import { loadavg, cpus as osCpus, uptime } from "node:os";
import type { SystemInformation } from "../../../lib/system-information.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Emit } from "../collector.ts";
import { seconds as cpuSeconds } from "../collectors/cpu.ts";
import { columns } from "../collectors/diskstats.ts";
import { avail, deviceError, free, readonly, size } from "../collectors/filesystem.ts";
import { load1, load5, load15 } from "../collectors/loadavg.ts";
import { familyOf as memory } from "../collectors/meminfo.ts";
import { bootTime } from "../collectors/stat.ts";
import { time } from "../collectors/time.ts";
import { uname } from "../collectors/uname.ts";

/**
 * The collectors of a machine without /proc, under the names of those with it. Where Node knows a figure itself it is
 * asked, because systeminformation mostly starts programs. What the system does not tell is left out, not guessed.
 */
export function portableCollectors(load: () => Promise<SystemInformation>): readonly CollectorSpec[] {
  const facts = async <T>(ask: (information: SystemInformation) => Promise<T>): Promise<T> => ask(await load());
  return [
    always("cpu", (emit) => emitCpus(emit)),
    always("diskstats", (emit) => facts((information) => emitDisks(emit, information))),
    {
      name: "filesystem",
      enabledByDefault: true,
      create: (_, options) => (emit) =>
        facts(async ({ fileSystems }) => {
          for (const one of await fileSystems()) {
            if (options.filesystem.mountPoint(one.mount) && options.filesystem.fsType(one.type)) emitMount(emit, one);
          }
        }),
    },
    always("loadavg", (emit) => {
      for (const [at, family] of [load1, load5, load15].entries()) emit(family, noLabels, loadavg()[at] ?? 0);
    }),
    always("meminfo", (emit) => facts((information) => emitMemory(emit, information))),
    {
      name: "netdev",
      enabledByDefault: true,
      create: (_, options) => (emit) =>
        facts(async ({ networks }) => {
          for (const one of await networks()) if (options.netdev.device(one.iface)) emitDevice(emit, one);
        }),
    },
    {
      name: "stat",
      enabledByDefault: true,
      create:
        ({ clock }) =>
        (emit) =>
          emit(bootTime, noLabels, Math.round(clock.now() / 1000 - uptime())),
    },
    time,
    uname,
  ];
}

function always(name: string, collect: (emit: Emit) => void | Promise<void>): CollectorSpec {
  return { name, enabledByDefault: true, create: () => collect };
}

function emitCpus(emit: Emit): void {
  for (const [number, { times }] of osCpus().entries()) {
    const modes = { idle: times.idle, irq: times.irq, nice: times.nice, system: times.sys, user: times.user };
    for (const [mode, ms] of Object.entries(modes)) emit(cpuSeconds, ["cpu", String(number), "mode", mode], ms / 1000);
  }
}

/** The system counts all disks together; so does the label. */
const allDisks = ["device", "all"];

async function emitDisks(emit: Emit, { diskOperations, diskBytes }: SystemInformation): Promise<void> {
  const [operations, bytes] = await Promise.all([diskOperations(), diskBytes()]);
  const figures = {
    node_disk_reads_completed_total: operations?.rIO,
    node_disk_read_bytes_total: bytes?.rx,
    node_disk_writes_completed_total: operations?.wIO,
    node_disk_written_bytes_total: bytes?.wx,
  };
  for (const [family] of columns) {
    const value = figures[family.name as keyof typeof figures];
    if (isCounted(value)) emit(family, allDisks, value);
  }
}

async function emitMemory(emit: Emit, { memory: ask }: SystemInformation): Promise<void> {
  const now = await ask();
  const fields = {
    MemTotal: now.total,
    MemFree: now.free,
    MemAvailable: now.available,
    Buffers: now.buffers,
    Cached: now.cached,
    SwapTotal: now.swaptotal,
    SwapFree: now.swapfree,
    Dirty: now.dirty,
    Writeback: now.writeback,
    Slab: now.slab,
    SReclaimable: now.reclaimable,
  };
  for (const [field, bytes] of Object.entries(fields)) if (isCounted(bytes)) emit(memory(field), noLabels, bytes);
}

type FileSystem = Awaited<ReturnType<SystemInformation["fileSystems"]>>[number];

function emitMount(emit: Emit, { fs, type, mount, size: bytes, used, available, rw }: FileSystem): void {
  const labels = ["device", fs, "device_error", "", "fstype", type, "mountpoint", mount];
  emit(deviceError, labels, 0);
  if (rw !== null) emit(readonly, labels, rw ? 0 : 1);
  emit(size, labels, bytes);
  emit(free, labels, bytes - used);
  emit(avail, labels, available);
}

type Network = Awaited<ReturnType<SystemInformation["networks"]>>[number];

function emitDevice(emit: Emit, now: Network): void {
  const figures = {
    receive_bytes: now.rx_bytes,
    receive_drop: now.rx_dropped,
    receive_errs: now.rx_errors,
    transmit_bytes: now.tx_bytes,
    transmit_drop: now.tx_dropped,
    transmit_errs: now.tx_errors,
  };
  for (const [name, value] of Object.entries(figures)) {
    const family = counter(`node_network_${name}_total`, `Network device statistic ${name}.`);
    if (isCounted(value)) emit(family, ["device", now.iface], value);
  }
}

function isCounted(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}
