import { expect, test } from "vitest";
import { prometheusScrape } from "../../../src/components/prometheus/scrape.ts";
import { labelRecord, labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { Receiver, Signal, Signals } from "../../../src/signals/receiver.ts";
import { harness } from "../../support/component-harness.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";

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
    label_limit: 0,
    label_name_length_limit: 0,
    label_value_length_limit: 0,
    follow_redirects: true,
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
  expect(health()).toEqual({ state: "unknown" });
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
    reason: 'cannot scrape {job="no address"}: the target has no __address__',
  });

  running.update?.(prometheusScrape.config.parse({}));
  await running.input?.receive([]);
  expect(health()).toEqual({ state: "healthy", reason: "" });
  expect(logs.map(({ message }) => message)).toEqual(["targets cannot be scraped", "targets can be scraped again"]);
  stop.abort();
  await run;
  expect(clock.pending).toBe(0);
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
