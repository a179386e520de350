import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

type Target = Readonly<Record<string, unknown>>;

interface Targets {
  readonly activeTargets: readonly Target[];
  readonly droppedTargets: readonly Target[];
  readonly droppedTargetCounts: Readonly<Record<string, number>> | null;
}

await describeWithServers("/api/v1/targets beside a real Prometheus", ["prometheus"], () => {
  test("has the same fields, and the same values where they do not tell of time or wording", async () => {
    await using app = await startHttpServer((_, response) => {
      response.writeHead(200, { "Content-Type": "text/plain" }).end("m 1\n");
    });
    const addresses = [new URL(app.url).host, `127.0.0.1:${await freePort()}`];
    using dir = tempDir();
    const targets = [
      { targets: addresses, labels: { env: "prod", __meta_zone: "eu" } },
      { targets: ["dropped:1"], labels: { env: "qa" } },
    ];
    writeFileSync(join(dir.path, "targets.json"), JSON.stringify(targets));
    await using sonde = await startSonde(sondeConfig(dir.path));
    await using prometheus = await startPrometheus({ config: prometheusConfig(dir.path) });

    const [ours, theirs] = await Promise.all([sonde, prometheus].map(({ url }) => scraped(url)));
    expect(ours?.activeTargets.map(comparable)).toEqual(theirs?.activeTargets.map(comparable));
    expect(ours?.activeTargets.map(fieldsOf)).toEqual(theirs?.activeTargets.map(fieldsOf));
    expect(ours?.activeTargets.map(({ health }) => health).toSorted()).toEqual(["down", "up"]);
    expect(ours?.droppedTargets.length).toBe(theirs?.droppedTargets.length);
    expect(fieldsOf(ours?.droppedTargets[0])).toEqual(expect.arrayContaining(["discoveredLabels", "scrapePool"]));
    expect(theirs?.droppedTargetCounts).toEqual({ apps: 1 });
    expect(ours?.droppedTargetCounts).toEqual({ "discovery.relabel.prod": 1, "prometheus.scrape.apps": 0 });

    const asked = await Promise.all([sonde, prometheus].map(({ url }) => ask(url, "?state=active")));
    expect(asked[0]?.droppedTargets).toEqual(asked[1]?.droppedTargets);
    expect(asked[0]?.droppedTargetCounts).toEqual(asked[1]?.droppedTargetCounts);
  }, 60_000);
});

async function ask(url: string, query = ""): Promise<Targets> {
  const response = await fetch(`${url}/api/v1/targets${query}`);
  const { status, data } = (await response.json()) as { status: string; data: Targets };
  expect(status).toBe("success");
  return data;
}

/** The answer once both targets have been scraped. */
function scraped(url: string): Promise<Targets> {
  return eventually(async () => {
    const targets = await ask(url);
    expect(targets.activeTargets.filter(({ health }) => health !== "unknown")).toHaveLength(2);
    const byUrl = (a: Target, b: Target) => String(a.scrapeUrl).localeCompare(String(b.scrapeUrl));
    return { ...targets, activeTargets: targets.activeTargets.toSorted(byUrl) };
  });
}

/** What must be equal: the rest is time, wording, the path of the file, and the name of the pool. */
function comparable({ discoveredLabels, labels, scrapeUrl, health, scrapeInterval, scrapeTimeout }: Target) {
  const { __meta_filepath: _, ...discovered } = discoveredLabels as Record<string, string>;
  return { discovered, labels, scrapeUrl, health, scrapeInterval, scrapeTimeout };
}

function fieldsOf(target: Target | undefined): string[] {
  return Object.keys(target ?? {}).toSorted();
}

function sondeConfig(dir: string): string {
  const path = join(dir, "sonde.yaml");
  writeFileSync(
    path,
    `
discovery.file.all: { files: [targets.json] }
discovery.relabel.prod:
  targets: [discovery.file.all]
  rules: [{ source_labels: [env], regex: prod, action: keep }]
prometheus.scrape.apps:
  targets: [discovery.relabel.prod]
  job_name: apps
  scrape_interval: 1s
  forward_to: [prometheus.echo.out]
prometheus.echo.out: {}
`,
  );
  return path;
}

function prometheusConfig(dir: string): string {
  return `
scrape_configs:
  - job_name: apps
    scrape_interval: 1s
    file_sd_configs: [{ files: [${join(dir, "targets.json")}] }]
    relabel_configs: [{ source_labels: [env], regex: prod, action: keep }]
`;
}
