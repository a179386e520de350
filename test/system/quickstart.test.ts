import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startPrometheus } from "../support/servers.ts";
import { exposedPage, startSonde } from "../support/sonde.ts";

test("the quickstart says where to look, shows host and own metrics, and ends cleanly on Ctrl-C", async () => {
  await using sonde = await startSonde("configs/quickstart.yaml", { EXPOSE_ADDRESS: "127.0.0.1:0" });
  await sonde.process.output(/http:\/\/\S+\/metrics +prometheus\.expose\.metrics/);
  const page = await exposedPage(sonde, "prometheus.expose.metrics");

  const response = await fetch(page);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8/);
  const text = await response.text();
  for (const metric of [
    "node_cpu_seconds_total",
    "node_uname_info",
    "node_scrape_collector_success",
    "sonde_build_info",
  ]) {
    expect(text).toMatch(new RegExp(`^${metric}\\{`, "m"));
  }
  expect(text).not.toMatch(/ job="/);

  await sonde.process.output(/job="integrations\/unix" instance="\S+" \d+ samples/);
  expect(await (await fetch(`${sonde.url}/-/ready`)).text()).toBe("Ready.\n");
  const healthy = await fetch(`${sonde.url}/-/healthy`);
  expect([healthy.status, await healthy.text()]).toEqual([200, expect.stringContaining("healthy")]);

  sonde.process.kill("SIGINT");
  expect(await sonde.process.exited).toMatchObject({ code: 0, signal: null });
});

await describeWithServers("the quickstart's page", ["prometheus"], () => {
  test("is one that a real Prometheus pulls", async () => {
    await using sonde = await startSonde("configs/quickstart.yaml", { EXPOSE_ADDRESS: "127.0.0.1:0" });
    const { host } = new URL(await exposedPage(sonde, "prometheus.expose.metrics"));
    await using prometheus = await startPrometheus({
      config: `
scrape_configs:
  - job_name: node
    scrape_interval: 1s
    static_configs: [{ targets: ["${host}"] }]
`,
    });
    await eventually(async () => {
      expect(await prometheus.query('up{job="node"}')).toMatchObject([{ value: 1 }]);
      expect(await prometheus.query("count(node_cpu_seconds_total) > 0")).toHaveLength(1);
    });
  });
});
