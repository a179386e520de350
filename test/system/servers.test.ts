import { afterAll, beforeAll, expect, test } from "vitest";
import { startAppServer } from "../support/app-server.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { type Prometheus, promtool, type Server, startNodeExporter, startPrometheus } from "../support/servers.ts";

await describeWithServers("a real Prometheus", ["prometheus"], () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus.stop());

  test("is ready and answers queries", async () => {
    const ready = await fetch(`${prometheus.url}/-/ready`);
    expect(ready.status).toBe(200);
    expect(await prometheus.query("1 + 1")).toEqual([{ labels: {}, value: 2 }]);
    expect(await prometheus.query('label_replace(vector(-Inf), "job", "x", "", "")')).toEqual([
      { labels: { job: "x" }, value: -Infinity },
    ]);
  });

  test("says what is wrong with a query", async () => {
    await expect(prometheus.query("1 +")).rejects.toThrow(/^cannot query 1 \+: .*parse error/);
  });

  test("takes remote write", async () => {
    const noSeries = new Uint8Array([0]);
    const answer = await fetch(`${prometheus.url}/api/v1/write`, {
      method: "POST",
      headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy" },
      body: noSeries,
    });
    expect(answer.status).toBe(204);
  });
});

await describeWithServers("a real node_exporter", ["node_exporter"], () => {
  let exporter: Server;
  beforeAll(async () => {
    exporter = await startNodeExporter({ flags: ["--collector.disable-defaults", "--collector.uname"] });
  });
  afterAll(() => exporter.stop());

  test("serves what its flags ask for", async () => {
    const page = await (await fetch(`${exporter.url}/metrics`)).text();
    expect(page).toMatch(/^node_uname_info\{.*sysname="Linux".*\} 1$/m);
    expect(page).not.toContain("node_cpu_seconds_total");
  });
});

await describeWithServers("a real promtool", ["promtool"], () => {
  test("finds nothing wrong with the application that tests scrape", async () => {
    await using app = await startAppServer();
    await fetch(`${app.url}/cart`, { method: "POST" });
    await fetch(`${app.url}/?code=500`);
    app.record("GET", 200, 0.5);
    const input = await (await fetch(`${app.url}/metrics`)).text();
    expect(input).toBe(app.page());
    expect(input).toContain('http_requests_total{method="get",code="500"} 1\n');
    expect(input).toContain('http_request_duration_seconds_bucket{le="0.1"} 2\n');
    expect(input).toContain("http_request_duration_seconds_count 3\n");
    expect(await promtool(["check", "metrics"], { input })).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("complains about a bad one", async () => {
    const { code, stderr } = await promtool(["check", "metrics"], { input: "# TYPE x counter\nx 1\n" });
    expect(code).toBe(3);
    expect(stderr).toContain('x counter metrics should have "_total" suffix');
  });
});
