import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { metalFixture, oddFixture } from "../engines/host/fixture-host.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";
import { exposedPage, startSondeWith } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** All but those that ask the kernel (filesystem, tcpstat, time, uname), of which there is no fake. */
const collectors = (
  "arp bonding btrfs buddyinfo cgroups conntrack cpu cpu_vulnerabilities cpufreq diskstats dmi edac entropy filefd hwmon " +
  "interrupts ipvs kernel_hung ksmd loadavg mdadm meminfo meminfo_numa mountstats netclass netdev netstat nfs nfsd nvme " +
  "os powersupplyclass pressure processes rapl schedstat selinux slabinfo sockstat softirqs softnet stat swap sysctl " +
  "textfile thermal_zone udp_queues vmstat watchdog xfs zfs zoneinfo"
).split(" ");

/** What 1.12 has and the peer, 1.11.1, has not. */
const newer =
  /node_(cpu_frequency_avg_hertz|edac_channel_(un)?correctable_errors_total|mountstats_nfs_mountpoint_info)\b/;

interface Choice {
  readonly settings: string;
  readonly flags: readonly string[];
}

const defaults: Choice = { settings: "", flags: [] };

const withSettings: Choice = {
  settings: `
  arp: { device_exclude: eth }
  cpu: { guest: false, flags_include: avx, bugs_include: . }
  disk: { device_exclude: nvme }
  hwmon: { chip_exclude: nvme, sensor_exclude: "coretemp.*;temp2" }
  interrupts: { name_exclude: "LOC;", include_zeros: false }
  ipvs: { backend_labels: [remote_address, proto] }
  netclass: { ignored_devices: ^(lo|dmz)$, ignore_invalid_speed_device: true }
  netdev: { device_include: ^(bond|lo) }
  netstat: { fields: ^Tcp }
  powersupply: { ignored_supplies: ^AC$ }
  rapl: { enable_zone_label: true }
  slabinfo: { slabs_exclude: kmalloc }
  stat: { softirq: true }
  sysctl:
    include: ["net.ipv4.tcp_rmem:min,default,max", net.ipv4.tcp_rmem, kernel.pid_max]
    include_info: [kernel.seccomp.actions_avail, net.ipv4.tcp_rmem]
  vmstat: { fields: ^nr_ }
`,
  flags: [
    "--collector.arp.device-exclude=eth",
    "--no-collector.cpu.guest",
    "--collector.cpu.info.flags-include=avx",
    "--collector.cpu.info.bugs-include=.",
    "--collector.diskstats.device-exclude=nvme",
    "--collector.hwmon.chip-exclude=nvme",
    "--collector.hwmon.sensor-exclude=coretemp.*;temp2",
    "--collector.interrupts.name-exclude=LOC;",
    "--no-collector.interrupts.include-zeros",
    "--collector.ipvs.backend-labels=remote_address,proto",
    "--collector.netclass.ignored-devices=^(lo|dmz)$",
    "--collector.netclass.ignore-invalid-speed",
    "--collector.netdev.device-include=^(bond|lo)",
    "--collector.netstat.fields=^Tcp",
    "--collector.powersupply.ignored-supplies=^AC$",
    "--collector.rapl.enable-zone-label",
    "--collector.slabinfo.slabs-include=",
    "--collector.slabinfo.slabs-exclude=kmalloc",
    "--collector.stat.softirq",
    "--collector.sysctl.include=net.ipv4.tcp_rmem:min,default,max",
    "--collector.sysctl.include=net.ipv4.tcp_rmem",
    "--collector.sysctl.include=kernel.pid_max",
    "--collector.sysctl.include-info=kernel.seccomp.actions_avail",
    "--collector.sysctl.include-info=net.ipv4.tcp_rmem",
    "--collector.vmstat.fields=^nr_",
  ],
};

await describeWithServers(
  "prometheus.exporter.unix and a real node_exporter on a machine of files",
  ["node_exporter"],
  () => {
    test.each([
      { name: "by default", choice: defaults },
      { name: "with settings", choice: withSettings },
    ])("say the same $name, byte for byte", async ({ choice }) => {
      const [ours, theirs] = await bothPages(metalFixture, choice);
      expect(theirs.split("\n").length).toBeGreaterThan(1500);
      expect(ours).toBe(theirs);
    });

    test("say the same of an odd machine: what is malformed, missing or of an old kernel", async () => {
      const [ours, theirs] = await bothPages(oddFixture, defaults);
      expect(theirs.split("\n").length).toBeGreaterThan(900);
      expect(ours).toBe(theirs);
    });

    test("say the same of a machine without any of it", async () => {
      using dir = tempDir();
      for (const folder of ["proc/1", "sys", "rootfs", "textfile"])
        mkdirSync(join(dir.path, folder), { recursive: true });
      // Without it the peer does not start.
      symlinkSync("1", join(dir.path, "proc/self"));
      const [ours, theirs] = await bothPages(dir.path, defaults);
      expect(ours).toBe(theirs);
    });
  },
);

/** Sonde's page and node_exporter's of the same folders, without what only one exporter has about itself. */
async function bothPages(host: string, { settings, flags }: Choice): Promise<[ours: string, theirs: string]> {
  await using stack = new AsyncDisposableStack();
  const sonde = stack.use(
    await startSondeWith(`
prometheus.exporter.unix.host:
  procfs_path: ${host}/proc
  sysfs_path: ${host}/sys
  rootfs_path: ${host}/rootfs
  udev_data_path: ${host}/udev
  set_collectors: [${collectors.join(", ")}]
  textfile: { directory: ${host}/textfile }
${settings}
prometheus.expose.host:
  targets: [prometheus.exporter.unix.host]
  listen_address: 127.0.0.1:0
`),
  );
  const exporter = stack.use(await startNodeExporter({ flags: [...flagsOf(host), ...flags] }));
  const pages = [await exposedPage(sonde, "prometheus.expose.host"), `${exporter.url}/metrics`];
  const texts = await Promise.all(pages.map(async (url) => comparable(await (await fetch(url)).text())));
  return texts as [string, string];
}

/** Files instead of netlink: that asks the kernel, whatever the paths are. */
function flagsOf(host: string): string[] {
  return [
    `--path.procfs=${host}/proc`,
    `--path.sysfs=${host}/sys`,
    `--path.rootfs=${host}/rootfs`,
    `--path.udev.data=${host}/udev`,
    "--web.disable-exporter-metrics",
    "--collector.disable-defaults",
    ...collectors.map((name) => `--collector.${name}`),
    "--no-collector.arp.netlink",
    "--no-collector.netdev.netlink",
    `--collector.textfile.directory=${host}/textfile`,
  ];
}

/** Without what differs by the exporter, by its version, and between netlink and files. */
function comparable(page: string): string {
  const lines = page.split("\n").filter((line) => ![newer, ownOrNetlink, raced].some((other) => other.test(line)));
  return lines.join("\n");
}

/** Upstream's reader of files does not know receive_nohandler, which its netlink reader has. */
const ownOrNetlink =
  /^(# (HELP|TYPE) )?(process_|promhttp_|node_(exporter_|scrape_collector_duration_|network_receive_nohandler_))/;

/** Two collectors of upstream have a family of this name, with labels of their own: the one that is faster wins. */
const raced = /node_cpu_frequency_hertz\b/;
