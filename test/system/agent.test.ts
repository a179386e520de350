import { expect, test } from "vitest";
import { startAppServer } from "../support/app-server.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { type Prometheus, startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";

/** The durations of one round of good requests; with the bad one of 2 s, eleven in all, so the median is known. */
const round = [0.03, 0.03, 0.03, 0.03, 0.08, 0.08, 0.08, 0.2, 0.2, 0.4];

/** Rank 5.5 of 11: four are at or below 0.05 s, seven at or below 0.1 s, and Prometheus interpolates between. */
const medianSeconds = 0.05 + 0.05 * ((5.5 - 4) / 3);

await describeWithServers("configs/agent.yaml", ["prometheus"], () => {
  test("brings host, application and own metrics into a real Prometheus, and PromQL finds them", async () => {
    await using app = await startAppServer();
    await using prometheus = await startPrometheus();
    await using _sonde = await startSonde("configs/agent.yaml", {
      PROMETHEUS_URL: `${prometheus.url}/api/v1/write`,
      APP_ADDRESS: new URL(app.url).host,
      SCRAPE_INTERVAL: "1s",
      ENVIRONMENT: "test",
      HOSTNAME: "vm-under-test",
    });
    const one = (promql: string) => single(prometheus, promql);

    await eventually(async () => {
      for (const seconds of round) app.record("GET", 200, seconds);
      app.record("POST", 500, 2);
      expect(await one('count_over_time(up{job="app"}[1m])')).toBeGreaterThanOrEqual(4);
      expect(await one('sum(increase(http_requests_total{code="200"}[1m]))')).toBeGreaterThan(0);
    });

    const up = await prometheus.query("up");
    expect(up.map(({ labels, value }) => `${labels.job} ${value}`).toSorted()).toEqual(["app 1", "node 1", "sonde 1"]);
    expect(new Set(up.map(({ labels }) => `${labels.env} ${labels.agent}`))).toEqual(new Set(["test vm-under-test"]));
    expect((await prometheus.query('up{job="app"}'))[0]?.labels).toEqual({
      __name__: "up",
      agent: "vm-under-test",
      app: "shop",
      env: "test",
      host: "127.0.0.1",
      instance: new URL(app.url).host,
      job: "app",
    });

    const busy = await one('1 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m]))');
    expect(busy).toBeGreaterThan(-0.05);
    expect(busy).toBeLessThan(1.05);
    const available = await one("node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes");
    expect(available).toBeGreaterThan(0);
    expect(available).toBeLessThan(1);

    expect(
      await one('sum(rate(http_requests_total{code="500"}[1m])) / sum(rate(http_requests_total[1m]))'),
    ).toBeCloseTo(1 / 11, 5);
    const median = "histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))";
    expect(await one(median)).toBeCloseTo(medianSeconds, 5);

    expect(await one('sonde_component_health{component_id="prometheus.remote_write.central",state="healthy"}')).toBe(1);
    expect(await one("sum(sonde_component_dropped_records_total) or vector(0)")).toBe(0);
  }, 90_000);
});

async function single(prometheus: Prometheus, promql: string): Promise<number> {
  const answer = await prometheus.query(promql);
  if (answer.length !== 1) throw new Error(`${promql} has ${answer.length} results`);
  return answer[0]?.value ?? Number.NaN;
}
