import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { startReceiver } from "../support/receiver.ts";
import { type RunningSonde, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const leaseMs = 6_000;
const intervalMs = 1_000;
const paths = Array.from({ length: 24 }, (_, n) => `/app/${n}`);

await describeWithServers("agents that share their targets by a real etcd", ["etcd"], () => {
  test("each target has one owner; those of a member that dies are taken over within its lease, without markers", async () => {
    const scrapes = new Map<string, number[]>();
    await using app = await startHttpServer(({ url = "" }, response) => {
      scrapes.set(url, [...(scrapes.get(url) ?? []), performance.now()]);
      response.writeHead(200, { "Content-Type": "text/plain" }).end("m 1\n");
    });
    await using etcd = await startEtcd();
    await using receiver = await startReceiver();
    using dir = tempDir();
    const start = (name: string) => startSonde(configOf(dir.path, name, etcd.url, app.port, receiver.url));
    await using a = await start("a");
    expect(await eventually(() => owned(a, paths.length))).toEqual(paths.toSorted());
    await using b = await start("b");
    await using c = await start("c");
    await eventually(() => shared([a, b, c]));

    b.process.kill("SIGKILL");
    const killedAt = performance.now();
    await eventually(() => shared([a, c]));
    const moved = await eventually(async () => {
      for (const path of paths) expect(scrapes.get(path)?.at(-1)).toBeGreaterThan(killedAt + leaseMs);
      return [...scrapes.values()];
    });
    const gaps = moved.map((times) => Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0))));
    // A scrape may have been due right after the death, and the next owner's first one is within its interval.
    expect(Math.max(...gaps)).toBeLessThan(leaseMs + 2 * intervalMs);

    await c.process.stop();
    await eventually(() => shared([a]));
    expect(receiver.samples.filter((sample) => sample.includes(" stale "))).toEqual([]);
    expect(receiver.samples.length).toBeGreaterThan(paths.length);
  }, 120_000);

  test("without etcd an agent that was a member before goes on with its share, and says what is wrong", async () => {
    await using etcd = await startEtcd();
    await using receiver = await startReceiver();
    using dir = tempDir();
    await using a = await startSonde(configOf(dir.path, "a", etcd.url, 1, receiver.url));
    await using b = await startSonde(configOf(dir.path, "b", etcd.url, 1, receiver.url));
    await eventually(() => shared([a, b]));
    const before = await owned(a);
    await etcd.process.stop();
    await eventually(async () => {
      const response = await fetch(`${a.url}/api/v1/components/prometheus.scrape.apps`);
      const { data } = (await response.json()) as { data: { health: { reason: string } } };
      expect(data.health.reason).toContain("cannot tell the members of the cluster: etcd at");
    });
    expect(await owned(a)).toEqual(before);
  }, 60_000);
});

/** Between them the agents have every target, and none has one of another's; each has some. */
async function shared(agents: readonly RunningSonde[]): Promise<void> {
  const shares = await Promise.all(agents.map((agent) => owned(agent)));
  expect(shares.flat().toSorted()).toEqual(paths.toSorted());
  for (const share of shares) expect(share.length).toBeGreaterThan(0);
}

async function owned({ url }: RunningSonde, atLeast = 0): Promise<string[]> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: readonly { scrapeUrl: string }[] } };
  const found = data.activeTargets.map(({ scrapeUrl }) => new URL(scrapeUrl).pathname);
  expect(found.length).toBeGreaterThanOrEqual(atLeast);
  return found.toSorted();
}

function configOf(dir: string, name: string, etcd: string, port: number, receiver: string): string {
  const path = join(dir, `${name}.yaml`);
  const targets = paths.map((metricsPath) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { __metrics_path__: metricsPath, app: metricsPath },
  }));
  const config = {
    "prometheus.scrape.apps": {
      static_configs: targets,
      scrape_interval: `${intervalMs}ms`,
      clustering: { name, etcd: { endpoints: [etcd], lease: `${leaseMs}ms` } },
      forward_to: ["prometheus.remote_write.out"],
    },
    "prometheus.remote_write.out": { endpoints: [{ url: receiver }] },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
