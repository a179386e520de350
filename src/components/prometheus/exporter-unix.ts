import { statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { z } from "zod";
import { defineComponent, type World } from "../../component.ts";
import { unixCollectors } from "../../config/fields/unix-collectors.ts";
import { unixOptions } from "../../config/fields/unix-options.ts";
import { unixServices } from "../../config/fields/unix-services.ts";
import { duration, positiveDuration } from "../../config/fields.ts";
import type { Host } from "../../engines/host/collector.ts";
import type { CollectorRun } from "../../engines/host/collector-runner.ts";
import { collectorNames, collectors, selectCollectors } from "../../engines/host/collectors.ts";
import { HelperPrograms } from "../../engines/host/helper-programs.ts";
import { HostExporter } from "../../engines/host/host-exporter.ts";
import { HostFiles } from "../../engines/host/host-files.ts";
import { localZone } from "../../engines/host/local-zone.ts";
import { pageSize } from "../../engines/host/page-size.ts";
import { portableCollectors } from "../../engines/host/portable/collectors.ts";
import { StatfsChildren } from "../../engines/host/statfs-child.ts";
import { uname } from "../../engines/host/uname.ts";
import type { Logger } from "../../lib/logger.ts";
import { systemInformation } from "../../lib/system-information.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { exporterTarget, type Gather } from "../../signals/targets.ts";

const systemBusAddress = "unix:path=/run/dbus/system_bus_socket";

/** Known to upstream, and not here. */
const leftOut: Readonly<Record<string, string>> = {
  perf: "perf is not among Sonde's collectors: it needs perf_event_open(2), which Node cannot call; leave it to node_exporter",
};

const collectorList = z.array(
  z.enum(collectorNames, { error: ({ input }) => (typeof input === "string" ? leftOut[input] : undefined) }),
);

const timing = z.strictObject({
  timeout: positiveDuration.optional().describe("In place of `collector_timeout`."),
  interval: duration
    .prefault("0s")
    .describe("Scrapes within this time get the last result again; 0s: it runs at every scrape."),
});

/** Derived from it: validation, documents, and the flags of `sonde node-exporter`. */
export const hostExporterConfig = z.strictObject({
  source: z
    .enum(["procfs", "systeminformation"])
    .optional()
    .describe(
      "Where the figures come from. `procfs`, on Linux, has all collectors. `systeminformation`, elsewhere, has what the " +
        "system tells of CPUs, memory, disks (all together), file systems, network, load, time and uname.",
    ),
  procfs_path: z
    .string()
    .default("/proc")
    .describe("Where procfs is mounted.")
    .meta({ flag: { name: "path.procfs" } }),
  sysfs_path: z
    .string()
    .default("/sys")
    .describe("Where sysfs is mounted.")
    .meta({ flag: { name: "path.sysfs" } }),
  rootfs_path: z
    .string()
    .default("/")
    .describe("Where the host's root is; it is cut off the label `mountpoint`.")
    .meta({ flag: { name: "path.rootfs" } }),
  udev_data_path: z
    .string()
    .default("/run/udev/data")
    .describe("Where udev keeps what it knows of disks.")
    .meta({ flag: { name: "path.udev.data" } }),
  set_collectors: collectorList.optional().describe("Collectors that run, in place of those that are on by default."),
  enable_collectors: collectorList.default([]).describe("Collectors that run besides."),
  disable_collectors: collectorList.default([]).describe("Collectors that do not run; wins over the other two lists."),
  collector_timeout: positiveDuration
    .prefault("8s")
    .describe("How long a collector may take. One that takes longer has failed, and the others are shown without it."),
  collectors: z
    .partialRecord(z.enum(collectorNames), timing)
    .default({})
    .describe("By the name of a collector: how often it runs, and how long it may take."),
  ...unixCollectors,
  ...unixServices,
});

type Config = z.output<typeof hostExporterConfig>;

export const prometheusExporterUnix = defineComponent({
  type: "prometheus.exporter.unix",
  summary: "Offers the host's metrics as a target: node_exporter, in this process.",
  description:
    "Names, labels, types, help texts and values are those of node_exporter 1.12.1. Patterns are RE2 and match anywhere " +
    "in the name. The collectors systemd and logind ask the system bus. timex runs perl (or python3) beside the agent, " +
    "and ethtool, network_route, qdisc and wifi run `ethtool`, `ip`, `tc` and `iw`: where the program is missing, the " +
    "collector reports success 0 and one line in the log says what to install. perf is left out.",
  emits: "targets",
  config: hostExporterConfig,
  example: `
prometheus.exporter.unix.host:
  disable_collectors: [uname]
  filesystem:
    mount_points_exclude: ^/(dev|proc|run|sys)($|/)

prometheus.expose.local:
  targets: [prometheus.exporter.unix.host]
`,

  create(config, { id, output, world, log, setHealth }) {
    const exporter = createHostExporter(config, world, log);
    const gather: Gather = async (query) => {
      const families = await exporter.gather(query);
      const reason = totalFailure(exporter.lastRuns());
      if (reason === undefined) setHealth("healthy");
      else setHealth("unhealthy", reason);
      return families;
    };
    const target = exporterTarget(id, "unix", world.hostname, gather);

    return {
      async run(stop) {
        await output.receive([{ source: id, targets: [target] }]);
        await untilAborted(stop);
        exporter.close();
      },
      debug: () => ({ collectors: exporter.lastRuns().map(shown) }),
    };
  },
});

/** Where nobody says another, Linux has a /proc and the others have not. */
export function readsProcfs({ source }: Config): boolean {
  return source === undefined ? process.platform === "linux" : source === "procfs";
}

/** The engine behind the component, for those who serve it without a graph. */
export function createHostExporter(config: Config, world: Pick<World, "clock" | "random">, log: Logger): HostExporter {
  const enabled = selectCollectors(
    { set: config.set_collectors, enable: config.enable_collectors, disable: config.disable_collectors },
    readsProcfs(config) ? collectors : portableCollectors(systemInformation),
  );
  return new HostExporter({
    host: hostOf(config, world),
    options: unixOptions(
      config,
      enabled.some(({ name }) => name === "cpufreq"),
    ),
    enabled,
    timing: (name) => ({
      timeoutMs: config.collectors[name]?.timeout ?? config.collector_timeout,
      intervalMs: config.collectors[name]?.interval ?? 0,
    }),
    runtime: process,
    log,
  });
}

function hostOf(
  { procfs_path, sysfs_path, rootfs_path, udev_data_path }: Config,
  { clock, random }: Pick<World, "clock" | "random">,
): Host {
  const apart = new StatfsChildren(statfs);
  return {
    files: new HostFiles({
      procfs: procfs_path,
      sysfs: sysfs_path,
      rootfs: rootfs_path,
      udevData: udev_data_path,
    }),
    clock,
    statfs,
    statfsNow: statfsSync,
    statfsApart: apart.statfs,
    close: () => apart.close(),
    uname,
    pageSize,
    networkInterfaces,
    localZone: () => localZone(process.env.TZ),
    helpers: new HelperPrograms(clock, random, process.env.PATH, process.env.SONDE_CLOCK_SOCKET),
    systemBusAddress: process.env.DBUS_SYSTEM_BUS_ADDRESS || systemBusAddress,
  };
}

/** Some collectors fail on some hosts for good reasons; when all do, what was configured cannot be right. */
function totalFailure(runs: readonly CollectorRun[]): string | undefined {
  const failure = runs[0]?.failure;
  if (failure === undefined || runs.some((run) => run.failure === undefined)) return undefined;
  return `no collector succeeds, the first says: ${failure}; check procfs_path and sysfs_path`;
}

function shown({ collector, durationSeconds, failure }: CollectorRun): object {
  return { collector, success: failure === undefined, duration_seconds: durationSeconds, ...(failure && { failure }) };
}
