import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { nameFilter } from "../../../src/lib/name-filter.ts";
import { GatherQueryError } from "../../../src/signals/targets.ts";
import { tempDir } from "../../support/temp-dir.ts";
import {
  fileCollectors,
  filesOf,
  fixtureExporter,
  fixtureFiles,
  gathered,
  metalFixture,
  plainOptions,
  someStats,
} from "./fixture-host.ts";

const stale = Object.assign(new Error("ESTALE"), { errno: -116 });

/** Those whose files the example machine has. */
const itsCollectors = "cpu diskstats filesystem loadavg meminfo netdev os stat time uname vmstat".split(" ");

test("the page of the example machine is node_exporter's, byte for byte", async () => {
  const { exporter, logged } = fixtureExporter(
    itsCollectors,
    { statfs: (path) => (path.toString().endsWith("/mnt/stale") ? Promise.reject(stale) : Promise.resolve(someStats)) },
    {
      cpu: { guest: true, info: true, frequency: true, flagsInclude: /avx/, bugsInclude: /./ },
      stat: { softirq: true },
      filesystem: {
        ...plainOptions.filesystem,
        mountPoint: nameFilter(undefined, /^\/(dev|proc|sys|var\/lib\/docker\/.+)($|\/)/),
        fsType: nameFilter(undefined, /^squashfs$/),
      },
      diskstats: { device: nameFilter(undefined, /^(loop|sd[a-z])\d+$/) },
      vmstat: { field: nameFilter(/^(oom_kill|pgpg|pswp|pg.*fault)/, undefined) },
    },
  );
  const page = renderFamilies(await exporter.gather({}));
  exporter.close();
  await expect(page).toMatchFileSnapshot("../../fixtures/host/expected.prom");
  expect(logged).toEqual([]);
});

test("labels stand in order, in every family", async () => {
  const { exporter } = fixtureExporter(
    fileCollectors,
    { files: filesOf(metalFixture) },
    { cpu: { ...plainOptions.cpu, info: true }, textfile: { directories: [join(metalFixture, "textfile")] } },
  );
  const families = await exporter.gather({});
  exporter.close();
  for (const { labels, name } of families.flatMap(({ samples }) => samples)) {
    const names = labels.filter((_text, at) => at % 2 === 0);
    expect(names, name).toEqual([...names].sort());
  }
});

async function collectorsOf(query: { collect?: string[]; exclude?: string[] }): Promise<string[]> {
  const { exporter } = fixtureExporter(["loadavg", "time", "uname"]);
  const families = await exporter.gather(query);
  exporter.close();
  const success = families.find(({ name }) => name === "node_scrape_collector_success");
  return (success?.samples ?? []).map(({ labels }) => labels[1]!);
}

test("a query chooses among the enabled collectors", async () => {
  expect(await collectorsOf({})).toEqual(["loadavg", "time", "uname"]);
  expect(await collectorsOf({ collect: ["uname", "time", "time"] })).toEqual(["time", "uname"]);
  expect(await collectorsOf({ exclude: ["time", "unheard-of"] })).toEqual(["loadavg", "uname"]);
  expect(await collectorsOf({ collect: [], exclude: [] })).toEqual(["loadavg", "time", "uname"]);
});

test("a query that cannot be answered is refused in node_exporter's words", async () => {
  const f = async (query: { collect?: string[]; exclude?: string[] }, want: string) =>
    expect(collectorsOf(query)).rejects.toEqual(new GatherQueryError(want));

  await f({ collect: ["time"], exclude: ["uname"] }, "Combined collect and exclude queries are not allowed.");
  await f(
    { collect: ["foo"] },
    "Couldn't create filtered metrics handler: couldn't create collector: missing collector: foo",
  );
  await f(
    { collect: ["vmstat"] },
    "Couldn't create filtered metrics handler: couldn't create collector: disabled collector: vmstat",
  );
});

test("a collector that fails keeps what it had, and the others go on", async () => {
  using dir = tempDir();
  writeFileSync(join(dir.path, "loadavg"), "0.5 0.5 0.5 1/1 1\n");
  writeFileSync(join(dir.path, "cpuinfo"), "processor : 0\n");
  writeFileSync(join(dir.path, "stat"), "cpu0 no numbers\n");
  const { exporter } = fixtureExporter(
    ["cpu", "loadavg"],
    { files: fixtureFiles({ procfs: dir.path }) },
    { cpu: { ...plainOptions.cpu, info: true } },
  );
  expect(await gathered(exporter, "node_cpu")).toEqual([
    'node_cpu_frequency_hertz{core="",cpu="0",package=""} 0',
    'node_cpu_info{cachesize="",core="",cpu="0",family="",microcode="",model="",model_name="",package="",stepping="",vendor=""} 1',
  ]);
  expect(await gathered(exporter, "node_scrape_collector_success")).toEqual([
    'node_scrape_collector_success{collector="cpu"} 0',
    'node_scrape_collector_success{collector="loadavg"} 1',
  ]);
  expect(exporter.lastRuns()).toEqual([
    {
      collector: "cpu",
      durationSeconds: 0,
      failure: 'cannot parse stat: unexpected line "cpu0 no numbers"',
      isNoData: false,
    },
    { collector: "loadavg", durationSeconds: 0, isNoData: false },
  ]);
  exporter.close();
});

test("a failure is logged when it begins and when it ends", async () => {
  using dir = tempDir();
  const { exporter, logged } = fixtureExporter(["loadavg"], { files: fixtureFiles({ procfs: dir.path }) });
  const path = join(dir.path, "loadavg");
  await exporter.gather({});
  await exporter.gather({});
  writeFileSync(path, "0.5 0.5 0.5 1/1 1\n");
  await exporter.gather({});
  await exporter.gather({});
  exporter.close();
  rmSync(path);
  await exporter.gather({});
  const failed = `warn collector failed {"collector":"loadavg","error":"cannot read ${path}: ENOENT: no such file or directory, open '${path}'"}`;
  expect(logged).toEqual([failed, 'info collector works again {"collector":"loadavg"}', failed]);
});

test("having no data is no success and no failure worth a line", async () => {
  using dir = tempDir();
  const { exporter, logged } = fixtureExporter(["os"], { files: fixtureFiles({ rootfs: dir.path }) });
  expect(await gathered(exporter, "node_scrape_collector_success")).toEqual([
    'node_scrape_collector_success{collector="os"} 0',
  ]);
  expect(logged).toEqual([]);
});
