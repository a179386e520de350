import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prometheusScrape } from "../../../src/components/prometheus/scrape.ts";
import { labelRecord, labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { Receiver, Signal, Signals } from "../../../src/signals/receiver.ts";
import { harness } from "../../support/component-harness.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Collects what a component sends, and tells when the next batch has come. */
class Sink implements Receiver<Signal> {
  readonly batches: Record<string, number>[] = [];
  readonly stale: string[] = [];
  failure: Error | undefined;
  #arrived = Promise.withResolvers<void>();

  receive(batch: Signals[Signal]): Promise<void> {
    const { series, ids, values, length, staleFrom } = batch as MetricBatch;
    const samples: Record<string, number> = {};
    for (let row = 0; row < length; row++) {
      const { __name__: name = "", job, instance, ...rest } = labelRecord(series.labels(ids[row]!));
      if (row < staleFrom) samples[[name, job, ...Object.values(rest)].join(" ")] = values[row]!;
      else this.stale.push(name);
    }
    this.batches.push(samples);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  next(): Promise<void> {
    return this.#arrived.promise;
  }
}

function parse(config: unknown): string[] {
  const { error } = prometheusScrape.config.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("the config has Prometheus' defaults and one of its own", () => {
  expect(prometheusScrape.config.parse({})).toEqual({
    static_configs: [],
    relabel_rules: [],
    scrape_interval: 60_000,
    metrics_path: "/metrics",
    scheme: "http",
    params: {},
    honor_labels: false,
    honor_timestamps: true,
    enable_compression: true,
    body_size_limit: 64 * 2 ** 20,
    sample_limit: 0,
    target_limit: 0,
    keep_dropped_targets: 0,
    label_limit: 0,
    label_name_length_limit: 0,
    label_value_length_limit: 0,
    track_timestamps_staleness: false,
    metric_relabel_rules: [],
    extra_metrics: false,
    metric_name_validation_scheme: "utf8",
    on_parse_error: "fail",
    scrape_native_histograms: false,
    scrape_classic_histograms: false,
    convert_classic_histograms_to_nhcb: false,
    scrape_start_timestamps: false,
    native_histogram_bucket_limit: 0,
    native_histogram_min_bucket_factor: 0,
    follow_redirects: true,
    proxy_from_environment: false,
  });
});

test("a config that cannot work is refused where the mistake is", () => {
  const f = (config: unknown, ...want: string[]) => expect(parse(config)).toEqual(want);
  f({ scrape_interval: "5s" });
  f({ scrape_interval: "5s", scrape_timeout: "6s" }, "scrape_timeout: must not be longer than scrape_interval");
  f(
    { static_configs: [{ targets: ["ok:1", "http://host/metrics"] }] },
    'static_configs.0.targets.1: "http://host/metrics" is not a host and port; write the path at metrics_path, the scheme at scheme',
  );
  f({ convert_classic_histograms_to_nhcb: true, scrape_native_histograms: true });
  f(
    { convert_classic_histograms_to_nhcb: true },
    "convert_classic_histograms_to_nhcb: needs scrape_native_histograms: what classic histograms become would be dropped without it",
  );
  f({ sample_limit: -1 }, "sample_limit: Too small: expected number to be >=0");
});

test("scrapes static and discovered targets, and shows what became of them", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end("m 1\n");
  });
  const sink = new Sink();
  const config = { static_configs: [{ targets: [`127.0.0.1:${server.port}`], labels: { app: "x" } }] };
  const { running, clock, health, metrics } = harness(prometheusScrape, config, sink);
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  const gather = async () => [
    { name: "e", help: "", type: "gauge" as const, samples: [{ name: "e", labels: [], value: 2 }] },
  ];
  await running.input?.receive([
    { source: "s", targets: [{ labels: labelsFrom({ __address__: "vm", job: "integrations/unix" }), gather }] },
  ]);

  const scraped = async () => {
    while (sink.batches.length < 2) await sink.next();
  };
  await Promise.all([scraped(), clock.advance(60_000)]);
  const all = Object.assign({}, ...sink.batches);
  expect(all).toMatchObject({
    "m prometheus.scrape.test x": 1,
    "up prometheus.scrape.test x": 1,
    "e integrations/unix": 2,
    "up integrations/unix": 1,
  });
  expect(health()).toEqual({ state: "healthy", reason: "" });
  expect(metrics).toMatchObject({ scrapes: 2, 'targets{state="up"}': 2, 'targets{state="down"}': 0 });
  expect(running.debug?.()).toMatchObject({
    targets: [
      { labels: { app: "x" }, url: `http://127.0.0.1:${server.port}/metrics`, up: true, samples: 1 },
      { labels: { instance: "vm", job: "integrations/unix" }, url: "http://vm/metrics", up: true, samples: 1 },
    ],
    refused: [],
  });
  stop.abort();
  await run;
  expect(clock.pending).toBe(0);
  expect(sink.stale).toEqual([]);
});

test("is unhealthy while all targets are down or one is refused, and says why", async () => {
  const port = await freePort();
  const sink = new Sink();
  const config = { static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  const { running, clock, health, metrics, logs } = harness(prometheusScrape, config, sink);
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await Promise.all([sink.next(), clock.advance(60_000)]);
  const reason = `cannot scrape http://127.0.0.1:${port}/metrics: connection refused by 127.0.0.1:${port}`;
  expect(health()).toEqual({ state: "unhealthy", reason });
  expect(metrics).toMatchObject({ 'failures{reason="unreachable"}': 1, 'targets{state="down"}': 1 });

  await running.input?.receive([{ source: "s", targets: [{ labels: labelsFrom({ job: "no address" }) }] }]);
  expect(health()).toEqual({
    state: "unhealthy",
    reason: `cannot scrape {job="no address"}: the target has no __address__; ${reason}`,
  });

  running.update?.(prometheusScrape.config.parse({}));
  await running.input?.receive([]);
  expect(health()).toEqual({ state: "healthy", reason: "" });
  expect(logs).toEqual([
    {
      level: "warn",
      message: "target is down",
      fields: { url: `http://127.0.0.1:${port}/metrics`, reason: `connection refused by 127.0.0.1:${port}` },
    },
    {
      level: "warn",
      message: "targets are refused",
      fields: { reason: 'cannot scrape {job="no address"}: the target has no __address__' },
    },
  ]);
  stop.abort();
  await run;
  expect(clock.pending).toBe(0);
});

test("stays healthy while some targets are up, and says how many are down and why", async () => {
  const gather = async () => [];
  const broken = () => Promise.reject(new Error("no counters"));
  const targets = [
    { labels: labelsFrom({ __address__: "a" }), gather },
    { labels: labelsFrom({ __address__: "b" }), gather: broken },
  ];
  const { running, clock, health } = harness(prometheusScrape, {}, new Sink());
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await running.input?.receive([{ source: "s", targets }]);
  await clock.advance(60_000);
  expect(health()).toEqual({
    state: "healthy",
    reason: "1 of 2 targets is down: 1 exporter (http://b/metrics: no counters)",
  });
  stop.abort();
  await run;
  expect(clock.pending).toBe(0);
});

test("lists its targets as Prometheus does, and of those that it refused no more than keep_dropped_targets", async () => {
  const targets = ["http://x/1", "http://x/2", "h:1"].map((address) => ({
    labels: labelsFrom({ __address__: address }),
  }));
  const { running } = harness(prometheusScrape, { keep_dropped_targets: 1 }, new Sink());
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await running.input?.receive([{ source: "s", targets }]);
  const view = running.targets?.();
  expect(view?.active.map(({ scrapeUrl, health }) => `${scrapeUrl} ${health}`)).toEqual(["http://h:1/metrics unknown"]);
  expect(view?.dropped).toEqual([
    {
      discoveredLabels: { __address__: "http://x/1" },
      reason: '"http://x/1" is not a host and port: leave out the scheme and the path',
    },
  ]);
  expect(view?.droppedCount).toBe(2);
  stop.abort();
  await run;
});

test("writes each failed scrape to scrape_failure_log_file, beside the config", async () => {
  using dir = tempDir();
  const broken = () => Promise.reject(new Error("no counters"));
  const { running, clock } = harness(prometheusScrape, { scrape_failure_log_file: "failed.log" }, new Sink(), {
    configDir: dir.path,
  });
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await running.input?.receive([{ source: "s", targets: [{ labels: ["__address__", "b"], gather: broken }] }]);
  await clock.advance(120_000);
  stop.abort();
  await run;
  const lines = readFileSync(join(dir.path, "failed.log"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    [1, 2].map(() => ({
      time: expect.stringMatching(/^2026-01-01T00:0\d:\d\d\.\d{3}Z$/),
      level: "ERROR",
      msg: "scrape failed",
      target: "http://b/metrics",
      component: "prometheus.scrape.test",
      error: "no counters",
    })),
  );
});

test("counts under Prometheus' names what its dashboards show of pools", async () => {
  const gather = async () => [
    {
      name: "e",
      help: "",
      type: "gauge" as const,
      samples: ["1", "2"].map((n) => ({ name: "e", labels: ["n", n], value: 1 })),
    },
  ];
  const targets = [{ labels: labelsFrom({ __address__: "a" }), gather }, { labels: labelsFrom({}) }];
  const { running, clock, metrics } = harness(prometheusScrape, { sample_limit: 1, target_limit: 5 }, new Sink());
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await running.input?.receive([{ source: "s", targets }]);
  await clock.advance(60_000);
  const pool = 'scrape_job="prometheus.scrape.test"';
  expect(metrics).toMatchObject({
    sample_limit: 1,
    [`poolTargets{${pool}}`]: 1,
    [`targetLimit{${pool}}`]: 5,
    [`syncs{${pool}}`]: 2,
    [`failedSyncs{${pool}}`]: 1,
  });
  expect(metrics).not.toHaveProperty("overTargetLimit");
  running.update?.(prometheusScrape.config.parse({ target_limit: 1, static_configs: [{ targets: ["127.0.0.1:1"] }] }));
  expect(metrics).toMatchObject({ overTargetLimit: 1, [`targetLimit{${pool}}`]: 1 });
  stop.abort();
  await run;
});

test("lines that are left out are counted and shown", async () => {
  await using server = await startHttpServer((_, response) => {
    response.writeHead(200, { "content-type": "text/plain" }).end("a 1\nb oops\nc oops\n");
  });
  const sink = new Sink();
  const config = { static_configs: [{ targets: [`127.0.0.1:${server.port}`] }], on_parse_error: "keep_valid" };
  const { running, clock, metrics } = harness(prometheusScrape, config, sink);
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await Promise.all([sink.next(), clock.advance(60_000)]);
  expect(metrics).toMatchObject({ scrapes: 1, skipped: 2 });
  expect(running.debug?.()).toMatchObject({
    targets: [{ up: true, skipped: { count: 2, first: 'line 2: expected a value, found "oops"' } }],
  });
  stop.abort();
  await run;
});

test("samples that nobody takes are counted, told of once, and hold nothing up", async () => {
  const sink = new Sink();
  sink.failure = new Error("the queue is full");
  const gather = async () => [];
  const { running, clock, metrics, logs } = harness(prometheusScrape, {}, sink);
  const stop = new AbortController();
  const run = running.run?.(stop.signal);
  await running.input?.receive([{ source: "s", targets: [{ labels: ["__address__", "vm"], gather }] }]);
  await clock.advance(180_000);
  sink.failure = undefined;
  await clock.advance(60_000);
  expect(metrics.notTaken).toBe(3);
  expect(logs).toEqual([
    { level: "error", message: "samples are not taken and lost", fields: { error: new Error("the queue is full") } },
    { level: "info", message: "samples are taken again", fields: {} },
  ]);
  stop.abort();
  await run;
});

test("a cluster is known from one place, and a list has to name the agent itself", () => {
  function f(clustering: object, want: string) {
    const { error } = prometheusScrape.config.safeParse({ clustering });
    expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([want]);
  }
  f({}, "clustering: say where the members are known from: one of etcd, members and dns");
  f(
    { members: ["a"], dns: { name: "x" } },
    "clustering: say where the members are known from: one of etcd, members and dns",
  );
  f({ etcd: { endpoints: ["http://e:2379"], lease: "1s" } }, "clustering.etcd.lease: must be at least 5s");
  f(
    { dns: { name: "x", servers: ["ns.example"] } },
    "clustering.dns.servers.0: expected the address of a name server: 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53",
  );
  const make = (clustering: object) => harness(prometheusScrape, { clustering }, new Sink());
  expect(() => make({ members: ["a", "b"] })).toThrow(
    "clustering: vm is none of the members; say in `name` which of them",
  );
  expect(() => make({ members: ["a", "b"], name: "b" })).not.toThrow();
});
