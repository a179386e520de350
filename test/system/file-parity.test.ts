import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

type Labels = Readonly<Record<string, string>>;

await describeWithServers("target files beside a real Prometheus", ["prometheus"], () => {
  test("the same files become the same targets, however they change", async () => {
    using dir = tempDir();
    const at = (name: string) => join(dir.path, name);
    // In one step: between the two of a plain write, a file is empty, and that has a meaning.
    const write = (name: string, text: string) => {
      writeFileSync(at("being written"), text);
      renameSync(at("being written"), at(name));
    };
    write("a.json", '[{"targets":["a:1","a:2"],"labels":{"env":"prod","empty":"","é":"ü"}},{"targets":["a:3"]}]');
    write("b.yml", "- targets: [b:1]\n  labels: {version: 1.10, flag: yes, quoted: '0x1F'}\n- targets: []\n");
    write("c.yaml", "# nothing yet\n");
    write("other.json", '[{"targets":["other:1"]}]');
    const files = ["a*.json", "b.yml", "c.yaml", "later.json"].map(at);
    write("sonde.yaml", sondeConfig(files));
    await using sonde = await startSonde(at("sonde.yaml"));
    await using prometheus = await startPrometheus({ config: prometheusConfig(files) });

    async function both(addresses: readonly string[]) {
      const [ours, theirs] = await Promise.all(
        [sonde.url, prometheus.url].map((url) =>
          eventually(async () => {
            const found = await discovered(url);
            expect(found.map(({ __address__ }) => __address__)).toEqual(addresses);
            return found;
          }),
        ),
      );
      expect(ours).toEqual(theirs);
    }

    await both(["a:1", "a:2", "a:3", "b:1"]);
    write("a.json", '[{"targets":["a:1"],"labels":{"env":"qa"}}]');
    await both(["a:1", "b:1"]);
    write("later.json", '[{"targets":["later:1"]}]');
    write("linked", '[{"targets":["ab:1"]}]');
    symlinkSync("linked", at("another.json"));
    await both(["a:1", "ab:1", "b:1", "later:1"]);
    write("b.yml", "- targets: [b:1\n");
    write("c.yaml", "- targets: [c:1]\n");
    await both(["a:1", "ab:1", "b:1", "c:1", "later:1"]);
    write("b.yml", "- {targets: [b:2], unknown: x}\n");
    rmSync(at("another.json"));
    await both(["a:1", "b:1", "c:1", "later:1"]);
    write("b.yml", "- targets: [b:2]\n");
    rmSync(at("c.yaml"));
    write("later.json", "[]");
    await both(["a:1", "b:2"]);
  }, 180_000);
});

async function discovered(url: string): Promise<Labels[]> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: readonly { discoveredLabels: Labels }[] } };
  return data.activeTargets
    .map(({ discoveredLabels: { job: _, ...labels } }) => labels as Labels)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function sondeConfig(files: readonly string[]): string {
  return JSON.stringify({
    "discovery.file.apps": { files },
    "prometheus.scrape.apps": {
      targets: ["discovery.file.apps"],
      scrape_interval: "1d",
      forward_to: ["prometheus.echo.out"],
    },
    "prometheus.echo.out": {},
  });
}

function prometheusConfig(files: readonly string[]): string {
  const job = { job_name: "apps", scrape_interval: "1d", file_sd_configs: [{ files }] };
  return JSON.stringify({ scrape_configs: [job] });
}
