import { expect, test } from "vitest";
import { z } from "zod";
import { unixCollectors } from "../../../src/config/fields/unix-collectors.ts";

const schema = z.strictObject(unixCollectors);

/** What the schema says of a config, as `path: message`. */
function problems(config: object): string[] {
  const { error } = schema.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("nothing need be set, and the defaults are node_exporter's", () => {
  expect(problems({})).toEqual([]);
  expect(schema.parse({})).toMatchObject({
    arp: {},
    interrupts: { include_zeros: true },
    ipvs: { backend_labels: ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"] },
    netclass: { ignored_devices: "^$", ignore_invalid_speed_device: false },
    netdev: { address_info: false, enable_detailed_metrics: false, label_ifalias: false },
    sysctl: { include: [], include_info: [] },
    textfile: { directory: [] },
    vmstat: { fields: "^(oom_kill|pgpg|pswp|pg.*fault).*" },
  });
});

test("include and exclude of one thing are not set together", () => {
  const f = (config: object, path: string) =>
    expect(problems(config)).toEqual([`${path}: include and exclude cannot be set together: remove one of them`]);

  f({ arp: { device_include: "a", device_exclude: "b" } }, "arp.device_exclude");
  f({ hwmon: { chip_include: "a", chip_exclude: "b" } }, "hwmon.chip_exclude");
  f({ hwmon: { sensor_include: "a", sensor_exclude: "b" } }, "hwmon.sensor_exclude");
  f({ interrupts: { name_include: "a", name_exclude: "b" } }, "interrupts.name_exclude");
  f({ netdev: { device_include: "a", device_exclude: "b" } }, "netdev.device_exclude");
  f({ slabinfo: { slabs_include: "a", slabs_exclude: "b" } }, "slabinfo.slabs_exclude");
  expect(problems({ hwmon: { chip_include: "a", sensor_exclude: "b" } })).toEqual([]);
});

test("patterns are RE2, and labels those that there are", () => {
  expect(problems({ netstat: { fields: "(?=Tcp)" } }).join()).toContain(
    "netstat.fields: not a regular expression (RE2)",
  );
  expect(problems({ netclass: { ignored_devices: "(" } }).join()).toContain("not a regular expression (RE2)");
  expect(problems({ ipvs: { backend_labels: ["port"] } }).join()).toContain("ipvs.backend_labels.0");
});

test("text files may be in one folder or in several", () => {
  expect(problems({ textfile: { directory: "/var/lib/a" } })).toEqual([]);
  expect(problems({ textfile: { directory: ["/var/lib/a", "/srv/*/metrics"] } })).toEqual([]);
  expect(problems({ textfile: { directory: 5 } })).toHaveLength(1);
});
