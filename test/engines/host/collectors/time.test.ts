import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixtureExporter, fixtureFiles, gathered } from "../fixture-host.ts";

/** A zone without transitions, an hour east: header, one type, its name. */
const cet = Buffer.concat([
  Buffer.from("TZif"),
  Buffer.alloc(16),
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]),
  Buffer.from([0, 0, 0x0e, 0x10, 0, 0]),
  Buffer.from("CET\0"),
]);

test("the zone is read once and shown by its abbreviation", async () => {
  let reads = 0;
  const localZone = () => {
    reads++;
    return cet;
  };
  const { exporter } = fixtureExporter(["time"], { localZone });
  await exporter.gather({});
  expect(await gathered(exporter, "node_time_zone")).toEqual(['node_time_zone_offset_seconds{time_zone="CET"} 3600']);
  expect(reads).toBe(1);
});

test("a machine without clock sources has the time all the same", async () => {
  using dir = tempDir();
  const { exporter } = fixtureExporter(["time"], { files: fixtureFiles({ sysfs: dir.path }) });
  expect(await gathered(exporter, "node_time")).toEqual([
    "node_time_seconds 1.7672688e+09",
    'node_time_zone_offset_seconds{time_zone="UTC"} 0',
  ]);
});
