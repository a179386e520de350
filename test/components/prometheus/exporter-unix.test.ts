import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Context, Health, MetricSpecs } from "../../../src/component.ts";
import { prometheusExporterUnix } from "../../../src/components/prometheus/exporter-unix.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { Signal } from "../../../src/signals/receiver.ts";
import type { Target, TargetGroup } from "../../../src/signals/targets.ts";
import { fixture, openBelow } from "../../engines/host/fixture-host.ts";
import { hardware } from "../../engines/host/special-hardware.ts";
import { fakeBus } from "../../support/fake-bus.ts";
import { fakeSystemd } from "../../support/fake-systemd.ts";

const paths = {
  procfs_path: join(fixture, "proc"),
  sysfs_path: join(fixture, "sys"),
  rootfs_path: join(fixture, "rootfs"),
  udev_data_path: join(fixture, "udev"),
};

/** Runs the component until the end of the block. */
async function running(config: object) {
  const groups: TargetGroup[] = [];
  const health: [Health, string | undefined][] = [];
  const quiet = () => {};
  const context = {
    id: "prometheus.exporter.unix.host",
    output: { receive: async (batch: readonly TargetGroup[]) => void groups.push(...batch) },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    world: { clock: systemClock, hostname: "winter", random: () => 0.5 },
    setHealth: (state: Health, reason?: string) => void health.push([state, reason]),
  } as unknown as Context<Signal, MetricSpecs>;
  const component = prometheusExporterUnix.create(prometheusExporterUnix.config.parse(config), context);
  const stop = new AbortController();
  const done = component.run?.(stop.signal);
  await Promise.resolve();
  const target = groups[0]?.targets[0] as Target & Required<Pick<Target, "gather">>;
  return {
    component,
    groups,
    health,
    target,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

/** What the schema says of a config, as `path: message`. */
function problems(config: object): string[] {
  const { error } = prometheusExporterUnix.config.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("it offers this host as one target, once", async () => {
  await using host = await running(paths);
  expect(host.groups).toHaveLength(1);
  expect(host.groups[0]).toMatchObject({
    source: "prometheus.exporter.unix.host",
    targets: [
      {
        labels: [
          "__address__",
          "winter",
          "__meta_component_id",
          "prometheus.exporter.unix.host",
          "__metrics_path__",
          "/prometheus.exporter.unix.host",
        ],
      },
    ],
  });
});

async function names(config: object): Promise<string[]> {
  await using host = await running({ ...paths, ...config });
  const families = await host.target.gather({});
  return families.map(({ name }) => name).sort();
}

test("the lists of collectors decide what it gathers", async () => {
  const always = [
    "node_exporter_build_info",
    "node_scrape_collector_duration_seconds",
    "node_scrape_collector_success",
  ];
  expect(await names({ set_collectors: [] })).toEqual(always.slice(0, 1));
  expect(await names({ set_collectors: ["loadavg"] })).toEqual([
    ...always.slice(0, 1),
    "node_load1",
    "node_load15",
    "node_load5",
    ...always.slice(1),
  ]);
  expect(await names({ set_collectors: ["loadavg"], disable_collectors: ["loadavg"] })).toEqual(always.slice(0, 1));
  expect(await names({ disable_collectors: ["time"] })).not.toContain("node_time_seconds");
});

async function devices(config: object, family: string): Promise<string[]> {
  await using host = await running({ ...paths, ...config });
  const families = await host.target.gather({});
  return (families.find(({ name }) => name === family)?.samples ?? []).map(({ labels }) => labels[1] ?? "");
}

test("without settings disks, mounts and fields are filtered as node_exporter filters them", async () => {
  expect(await devices({}, "node_disk_info")).toEqual(["sda", "dm-0", "nvme0n1"]);
  expect(await devices({}, "node_network_receive_bytes_total")).toEqual(["lo", "eth0", "eth0:1", "docker0"]);
  expect(await devices({}, "node_filesystem_device_error")).toEqual([
    "/dev/sda1",
    "tmpfs",
    "/dev/mapper/vg0-data",
    "/dev/nvme0n1",
    "fileserver:/export",
    "fileserver:/gone",
    "/dev/sdb1",
  ]);
  expect((await names({})).filter((name) => name.startsWith("node_vmstat_"))).toEqual([
    "node_vmstat_oom_kill",
    "node_vmstat_pgfault",
    "node_vmstat_pgmajfault",
    "node_vmstat_pgpgin",
    "node_vmstat_pgpgout",
    "node_vmstat_pswpin",
    "node_vmstat_pswpout",
  ]);
});

test("include stands in the place of the default exclude", async () => {
  expect(await devices({ disk: { device_include: "^sda" } }, "node_disk_info")).toEqual(["sda", "sda1"]);
  expect(await devices({ disk: { device_exclude: "^sda" } }, "node_disk_info")).toEqual(["dm-0", "nvme0n1", "loop0"]);
  expect(await devices({ netdev: { device_exclude: "^(lo|docker.*)$" } }, "node_network_receive_bytes_total")).toEqual([
    "eth0",
    "eth0:1",
  ]);
  const filesystem = { mount_points_include: "^/(dev|snap)", fs_types_exclude: "^ext4$" };
  expect(await devices({ filesystem }, "node_filesystem_device_error")).toEqual(["udev", "/dev/loop0"]);
  expect((await names({ vmstat: { fields: "^thp_" } })).filter((name) => name.startsWith("node_vmstat_"))).toEqual([
    "node_vmstat_thp_fault_alloc",
  ]);
});

test("the settings of cpu and stat add families", async () => {
  expect(await names({ cpu: { guest: false } })).not.toContain("node_cpu_guest_seconds_total");
  expect(await names({ cpu: { info: true } })).toEqual(
    expect.arrayContaining(["node_cpu_guest_seconds_total", "node_cpu_info", "node_cpu_frequency_hertz"]),
  );
  expect(await devices({ cpu: { flags_include: "^sse" } }, "node_cpu_flag_info")).toEqual(["sse", "sse2"]);
  expect(await devices({ cpu: { bugs_include: "mds" } }, "node_cpu_bug_info")).toEqual(["mds"]);
  expect(await names({})).not.toContain("node_softirqs_total");
  expect(await names({ stat: { softirq: true } })).toContain("node_softirqs_total");
});

test("the settings of special hardware reach their collectors", async () => {
  const machine = { procfs_path: join(hardware, "proc"), sysfs_path: join(hardware, "sys"), set_collectors: [] };
  const f = async (collector: string, settings: object, family: string, want: string[]) =>
    expect(await devices({ ...machine, set_collectors: [collector], [collector]: settings }, family)).toEqual(want);

  await f("bcache", {}, "node_bcache_priority_stats_unused_percent", []);
  await f("bcache", { priority_stats: true }, "node_bcache_priority_stats_unused_percent", ["cache0"]);
  await f("tapestats", {}, "node_tape_io_now", ["st0", "st12"]);
  await f("tapestats", { ignored_devices: "^st0$" }, "node_tape_io_now", ["st12"]);
  await f("infiniband", { device_include: "^mlx" }, "node_infiniband_state_id", ["mlx4_0", "mlx5_0"]);
  await f("infiniband", { device_exclude: "^mlx" }, "node_infiniband_state_id", ["irdma0"]);
  await f("runit", { service_dir: join(hardware, "service") }, "node_service_state", ["batch", "finishing", "nginx"]);
  const named = { names: true, ids_file: join(hardware, "pci.ids") };
  await using host = await running({ ...machine, set_collectors: ["pcidevice"], pcidevice: named });
  const families = await host.target.gather({});
  const info = families.find(({ name }) => name === "node_pcidevice_info");
  expect(info?.samples[0]?.labels).toContain("NVM Express");
});

test("a unit must match include and must not match exclude, with its whole name", async () => {
  await using bus = await fakeBus({ answer: fakeSystemd() });
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
  const units = async (settings: object) =>
    new Set(await devices({ set_collectors: ["systemd"], systemd: settings }, "node_systemd_unit_state"));
  expect(await units({})).toEqual(
    new Set([
      "app@9-b.service",
      "apt-daily.timer",
      "cron.service",
      "fresh.timer",
      "multi-user.target",
      "old.socket",
      "ssh.socket",
    ]),
  );
  expect(await units({ unit_include: "cron" })).toEqual(new Set());
  expect(await units({ unit_include: "cron.*|ssh.socket", unit_exclude: "" })).toEqual(
    new Set(["cron.service", "ssh.socket"]),
  );
  const families = await names({
    set_collectors: ["systemd"],
    systemd: { enable_restarts: true, start_time: true, task_metrics: true },
  });
  expect(families).toEqual(
    expect.arrayContaining([
      "node_systemd_service_restart_total",
      "node_systemd_unit_start_time_seconds",
      "node_systemd_unit_tasks_max",
    ]),
  );
  vi.unstubAllEnvs();
});

test("a mistake in the config is told with its place", () => {
  const exclusive = "include and exclude cannot be set together: remove one of them";
  const f = (config: object, ...want: string[]) => expect(problems(config)).toEqual(want);

  f({});
  f({ disk: { device_include: "a", device_exclude: "b" } }, `disk.device_exclude: ${exclusive}`);
  f({ netdev: { device_include: "a", device_exclude: "b" } }, `netdev.device_exclude: ${exclusive}`);
  f(
    { filesystem: { mount_points_include: "a", mount_points_exclude: "b" } },
    `filesystem.mount_points_exclude: ${exclusive}`,
  );
  f({ filesystem: { fs_types_include: "a", fs_types_exclude: "b" } }, `filesystem.fs_types_exclude: ${exclusive}`);
  f({ filesystem: { mount_timeout: "0s" } }, "filesystem.mount_timeout: must be longer than 0s");
  expect(problems({ vmstat: { fields: "(?=look)" } })).toEqual([
    expect.stringMatching(/^vmstat\.fields: not a regular expression \(RE2\): .+/),
  ]);
  f({ ethtool: { device_include: "a", device_exclude: "b" } }, `ethtool.device_exclude: ${exclusive}`);
  f({ infiniband: { device_include: "a", device_exclude: "b" } }, `infiniband.device_exclude: ${exclusive}`);
  f({ qdisc: { device_include: "a", device_exclude: "b" } }, `qdisc.device_exclude: ${exclusive}`);
  const loopback = "ntp.server: must be a loopback address such as 127.0.0.1, or set server_is_local";
  f({ ntp: { server: "192.0.2.1" } }, loopback);
  f({ ntp: { server: "ntp.example" } }, loopback);
  f({ ntp: { server: "::1" } });
  f({ ntp: { server: "ntp.example", server_is_local: true } });
  f({ supervisord: { url: "ftp://x" } }, "supervisord.url: must be http://host:port/RPC2 or unix:///path/of/socket");
  f({ supervisord: { url: "unix:///run/supervisor.sock" } });
  f(
    { enable_collectors: ["perf"] },
    "enable_collectors.0: perf is not among Sonde's collectors: it needs perf_event_open(2), which Node cannot call; leave it to node_exporter",
  );
  expect(problems({ set_collectors: ["cpus"] })).toEqual([expect.stringMatching(/^set_collectors\.0: .*"cpu"/)]);
});

test("it is unhealthy when no collector succeeds, and shows how each fared", async () => {
  await using host = await running({ procfs_path: "/nowhere", set_collectors: ["loadavg", "stat"] });
  await host.target.gather({});
  const failure = (name: string) =>
    `cannot read /nowhere/${name}: ENOENT: no such file or directory, open '/nowhere/${name}'`;
  expect(host.health).toEqual([
    ["unhealthy", `no collector succeeds, the first says: ${failure("loadavg")}; check procfs_path and sysfs_path`],
  ]);
  expect(host.component.debug?.()).toEqual({
    collectors: [
      { collector: "loadavg", success: false, duration_seconds: expect.any(Number), failure: failure("loadavg") },
      { collector: "stat", success: false, duration_seconds: expect.any(Number), failure: failure("stat") },
    ],
  });
});

test("it is healthy when one succeeds", async () => {
  await using host = await running({ ...paths, procfs_path: "/nowhere", set_collectors: ["loadavg", "os"] });
  await host.target.gather({});
  expect(host.health).toEqual([["healthy", undefined]]);
});

test("a stop lets go of every file", async () => {
  {
    await using host = await running({ ...paths, set_collectors: ["loadavg"] });
    await host.target.gather({});
    expect(openBelow(fixture)).toBe(1);
  }
  expect(openBelow(fixture)).toBe(0);
});
