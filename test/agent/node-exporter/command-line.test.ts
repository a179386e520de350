import { expect, test } from "vitest";
import { type Reading, readNodeExporterFlags } from "../../../src/agent/node-exporter/command-line.ts";
import { collectorNames } from "../../../src/engines/host/collectors.ts";

function read(...argv: string[]): Reading {
  return readNodeExporterFlags(argv, () => "--log.format=json\n");
}

function settings(...argv: string[]) {
  const reading = read(...argv);
  if (reading.kind !== "run") throw new Error(reading.text);
  return reading.settings;
}

test("without flags everything is as node_exporter has it", () => {
  expect(settings()).toMatchObject({
    exporter: { procfs_path: "/proc", enable_collectors: [], disable_collectors: [] },
    listenAddresses: [":9100"],
    systemdSocket: false,
    telemetryPath: "/metrics",
    exporterMetrics: true,
    maxRequests: 40,
    webConfigFile: "",
    log: { level: "info", format: "logfmt" },
  });
});

test("the flags of a unit file become settings", () => {
  expect(
    settings(
      "--web.listen-address=127.0.0.1:9100",
      "--web.listen-address=[::1]:9100",
      "--web.telemetry-path=/m",
      "--web.disable-exporter-metrics",
      "--web.max-requests=3",
      "--web.config.file=/etc/web.yml",
      "--no-web.systemd-socket",
      "--log.level=WARN",
      "@file",
      "--runtime.gomaxprocs=2",
      "--collector.filesystem.mount-timeout=2s",
      "--collector.filesystem.ignored-mount-points=^/(dev|proc)",
      "--path.rootfs=/host",
    ),
  ).toMatchObject({
    exporter: { rootfs_path: "/host", filesystem: { mount_timeout: 2000, mount_points_exclude: "^/(dev|proc)" } },
    listenAddresses: ["127.0.0.1:9100", "[::1]:9100"],
    telemetryPath: "/m",
    exporterMetrics: false,
    maxRequests: 3,
    webConfigFile: "/etc/web.yml",
    log: { level: "warn", format: "json" },
  });
});

test("collectors are turned on and off, and the defaults wherever that flag stands", () => {
  const chosen = (...argv: string[]) => {
    const { set_collectors, enable_collectors, disable_collectors } = settings(...argv).exporter;
    return { set_collectors, enable_collectors, disable_collectors };
  };
  expect(chosen("--collector.time", "--no-collector.cpu")).toEqual({
    set_collectors: undefined,
    enable_collectors: ["time"],
    disable_collectors: ["cpu"],
  });
  expect(chosen("--collector.time", "--collector.disable-defaults")).toEqual({
    set_collectors: [],
    enable_collectors: ["time"],
    disable_collectors: [],
  });
  expect(settings("--no-collector.perf").exporter.disable_collectors).toEqual([]);
});

test("every collector has its switch, shown by --help", () => {
  const reading = read("--help");
  for (const name of collectorNames) {
    expect(reading).toMatchObject({
      kind: "print",
      text: expect.stringMatching(new RegExp(`--\\[no-\\]collector\\.${name}\\s`)),
    });
  }
});

test("the version wins over what comes after it, a mistake over the help", () => {
  expect(read("--version", "--foo")).toMatchObject({
    kind: "print",
    text: expect.stringMatching(/^node_exporter, version 1/),
  });
  expect(read("--help", "--foo")).toEqual({
    kind: "refuse",
    code: 1,
    text: "node_exporter: error: unknown long flag '--foo', try --help\n",
  });
});

test("options that cannot work end with the code of a panic, and name the flag", () => {
  const refusal = (...argv: string[]) => {
    const reading = read(...argv);
    return reading.kind === "refuse" ? [reading.code, reading.text] : [];
  };
  const prefix = "Couldn't create metrics handler: couldn't create collector: ";
  expect(refusal("--collector.vmstat.fields=(")).toEqual([
    2,
    `${prefix}--collector.vmstat.fields: not a regular expression (RE2): error parsing regexp: missing closing ): \`(\`\n`,
  ]);
  expect(refusal("--collector.netdev.device-include=a", "--collector.netdev.device-exclude=b")).toEqual([
    2,
    `${prefix}--collector.netdev.device-exclude: include and exclude cannot be set together: remove one of them\n`,
  ]);
  expect(
    refusal("--collector.filesystem.ignored-mount-points=a", "--collector.filesystem.mount-points-exclude=b"),
  ).toEqual([
    2,
    `${prefix}--collector.filesystem.ignored-mount-points and --collector.filesystem.mount-points-exclude are mutually exclusive\n`,
  ]);
  expect(refusal("--collector.perf")[1]).toContain("remove --collector.perf");
});
