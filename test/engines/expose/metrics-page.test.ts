import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Exporter, MetricsPage } from "../../../src/engines/expose/metrics-page.ts";
import type { Labels } from "../../../src/signals/labels.ts";
import type { MetricFamily } from "../../../src/signals/metric-family.ts";
import { type GatherQuery, GatherQueryError } from "../../../src/signals/targets.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";

function gauge(name: string, value: number, labels: Labels = []): MetricFamily {
  return { name, help: `${name}.`, type: "gauge", samples: [{ name, labels, value }] };
}

function exporter(name: string, ...families: MetricFamily[]): Exporter {
  return { name, gather: () => Promise.resolve(families) };
}

function pageOf(exporters: Exporter[], options: { maxRequests?: number; exporterMetrics?: boolean } = {}) {
  const logs: LogLine[] = [];
  const page = new MetricsPage({
    maxRequests: 40,
    exporterMetrics: false,
    procfs: "/nowhere",
    log: recordingLogger(logs),
    ...options,
  });
  page.exporters = exporters;
  const get = (url = "/metrics", headers: Record<string, string> = {}) =>
    page.answer({ url, headers } as unknown as IncomingMessage);
  return { page, logs, get };
}

const upPage = "# HELP up up.\n# TYPE up gauge\nup 1\n";

test("the page has what the exporters have, as they have it", async () => {
  const { get } = pageOf([exporter("a", gauge("b", 2, ["x", ""])), exporter("b", gauge("a", 1))]);
  expect(await get()).toEqual({
    status: 200,
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" },
    body: '# HELP a a.\n# TYPE a gauge\na 1\n# HELP b b.\n# TYPE b gauge\nb{x=""} 2\n',
  });
});

test("the page is compressed for who accepts gzip", async () => {
  const { get } = pageOf([exporter("a", gauge("up", 1))]);
  const f = async (accepted: string, want: "gzip" | undefined) => {
    const { headers, body } = await get("/metrics", { "accept-encoding": accepted });
    expect(headers?.["Content-Encoding"]).toBe(want);
    expect(want === "gzip" ? gunzipSync(body).toString() : body).toBe(upPage);
  };

  await f("gzip", "gzip");
  await f("deflate, GZIP;q=0.5", "gzip");
  await f("gzip;q=0", undefined);
  await f("identity", undefined);
  await f("", undefined);
});

test("collect[] and exclude[] reach the exporters", async () => {
  const queries: GatherQuery[] = [];
  const gather = (query: GatherQuery) => {
    queries.push(query);
    return Promise.resolve([]);
  };
  const { get } = pageOf([{ name: "a", gather }]);
  await get("/metrics");
  await get("/metrics?collect[]=cpu&collect%5B%5D=stat");
  await get("/metrics?exclude[]=cpu");
  expect(queries).toEqual([{}, { collect: ["cpu", "stat"] }, { exclude: ["cpu"] }]);
});

test("a query that an exporter cannot answer is the client's mistake, in the exporter's words", async () => {
  const words = "Couldn't create filtered metrics handler: couldn't create collector: missing collector: foo";
  const { get, logs } = pageOf([
    exporter("a", gauge("up", 1)),
    { name: "b", gather: () => Promise.reject(new GatherQueryError(words)) },
  ]);
  expect(await get("/metrics?collect[]=foo")).toMatchObject({ status: 400, body: words });
  expect(logs).toEqual([]);
});

test("a contradiction is never a failed scrape: it is counted each time and told once", async () => {
  const { get, logs } = pageOf([exporter("a", gauge("up", 1)), exporter("b", gauge("up", 2))], {
    exporterMetrics: true,
  });
  await get();
  const { status, body } = await get();
  expect(status).toBe(200);
  expect(body).toContain("\nup 1\n");
  expect(body).toContain('promhttp_metric_handler_errors_total{cause="gathering"} 2\n');
  expect(logs).toEqual([
    {
      level: "error",
      message: "gathered metrics are not complete",
      fields: { error: "up{} was collected before", errors: 1 },
    },
  ]);
});

test("an exporter that fails does not keep the others from being served", async () => {
  const broken = { name: "broken", gather: () => Promise.reject(new Error("no disk")) };
  const { get, logs } = pageOf([broken, exporter("a", gauge("up", 1))]);
  expect(await get()).toMatchObject({ status: 200, body: upPage });
  expect(logs.map(({ fields }) => fields)).toEqual([{ error: "broken: no disk", errors: 1 }]);
});

test("when every exporter fails the scrape does", async () => {
  const { get } = pageOf([{ name: "broken", gather: () => Promise.reject(new Error("no disk")) }]);
  expect(await get()).toMatchObject({
    status: 500,
    body: "An error has occurred while serving metrics:\n\nbroken: no disk\n",
  });
});

test("more scrapes at a time than allowed are turned away", async () => {
  const slow = Promise.withResolvers<MetricFamily[]>();
  const { get, page } = pageOf([{ name: "a", gather: () => slow.promise }], { maxRequests: 1 });
  const first = get();
  expect(await get()).toMatchObject({
    status: 503,
    body: "Limit of concurrent requests reached (1), try again later.\n",
  });
  slow.resolve([]);
  expect(await first).toMatchObject({ status: 200 });
  expect(await get()).toMatchObject({ status: 200 });
  expect(page.requests).toEqual({ 200: 2, 503: 1 });
});

test("a limit of 0 is none", async () => {
  const slow = Promise.withResolvers<MetricFamily[]>();
  const { get } = pageOf([{ name: "a", gather: () => slow.promise }], { maxRequests: 0 });
  const all = Promise.all(Array.from({ length: 50 }, () => get()));
  slow.resolve([]);
  expect((await all).map(({ status }) => status)).toEqual(new Array(50).fill(200));
});

test("the page says of itself what promhttp says, under the same names", async () => {
  const { get } = pageOf([], { exporterMetrics: true });
  await get();
  expect((await get()).body).toBe(`\
# HELP promhttp_metric_handler_errors_total Total number of internal errors encountered by the promhttp metric handler.
# TYPE promhttp_metric_handler_errors_total counter
promhttp_metric_handler_errors_total{cause="encoding"} 0
promhttp_metric_handler_errors_total{cause="gathering"} 0
# HELP promhttp_metric_handler_requests_in_flight Current number of scrapes being served.
# TYPE promhttp_metric_handler_requests_in_flight gauge
promhttp_metric_handler_requests_in_flight 1
# HELP promhttp_metric_handler_requests_total Total number of scrapes by HTTP status code.
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 1
promhttp_metric_handler_requests_total{code="500"} 0
promhttp_metric_handler_requests_total{code="503"} 0
`);
});

test("process_* of an exporter stand in the place of the page's own, without a word", async () => {
  const logs: LogLine[] = [];
  const page = new MetricsPage({ maxRequests: 0, exporterMetrics: true, procfs: "/proc", log: recordingLogger(logs) });
  page.exporters = [exporter("agent", gauge("process_open_fds", 12_345))];
  const { body } = await page.answer({ url: "/metrics", headers: {} } as unknown as IncomingMessage);
  expect(String(body).match(/^process_open_fds .*$/gm)).toEqual(["process_open_fds 12345"]);
  expect(body).toMatch(/^process_resident_memory_bytes \d/m);
  expect(logs).toEqual([]);
});
