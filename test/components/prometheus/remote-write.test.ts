import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { prometheusRemoteWrite } from "../../../src/components/prometheus/remote-write.ts";
import { signRequest } from "../../../src/lib/aws/sigv4.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { version } from "../../../src/lib/version.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import { batchOf, type Row } from "../../support/batches.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { harness } from "../../support/component-harness.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";
import { startReceiver } from "../../support/receiver.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

const nowhere = { receive: () => Promise.reject(new Error("there is nothing behind a remote_write")) };

/** Sends each sample at once, in a request of its own. Nothing is synced: the clock would not wait for a real disk. */
const singly = { queue_config: { max_samples_per_send: 1, sync: "os" } };

/** A component that runs until the end of the block. Its queue is removed with it, unless the test has a folder for it. */
function running(config: object, configDir = "/nowhere", dataDir?: string) {
  const own = dataDir === undefined ? tempDir() : undefined;
  const h = harness(prometheusRemoteWrite, config, nowhere, { configDir, dataDir: dataDir ?? own?.path ?? "" });
  const stop = new AbortController();
  let isEnded = false;
  const ended = h.running.run?.(stop.signal).then(() => {
    isEnded = true;
  });
  return {
    ...h,
    /** Samples `m{n="…"}`, one batch for each. */
    async send(...names: (string | number)[]): Promise<void> {
      await Promise.all(names.map((n) => h.running.input?.receive(batchOf([sample(n)]))));
    },
    receive: (rows: readonly Row[], stale?: readonly Row[]) => h.running.input?.receive(batchOf(rows, stale)),
    metric(name: string): number {
      return Object.entries(h.metrics).reduce((sum, [key, value]) => (key.startsWith(name) ? sum + value : sum), 0);
    },
    /** Samples that the endpoint has not taken, as the debug page shows them. */
    backlog(endpoint: string): number | undefined {
      return h.running.queue?.().endpoints.find(({ name }) => name === endpoint)?.records;
    },
    message: (text: string) => h.logs.filter(({ message }) => message === text).map(({ fields }) => fields),
    stop: () => stop.abort(),
    isEnded: () => isEnded,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort();
      // The disk is real, and the clock is not: turned at once, it would give up a queue that is about to close.
      for (let turn = 0; turn < 30_000 && !isEnded; turn++) await turnOfEventLoop();
      if (!isEnded) await h.clock.advance(12_000);
      await ended;
      own?.remove();
    },
  };
}

const time = Date.UTC(2026, 0, 1);

function sample(n: string | number): Row {
  return { labels: { __name__: "m", n: String(n) }, value: 1, timestamp: time };
}

function line(n: string | number): string {
  return `m{n="${n}"} 1 @${time}`;
}

const histogram: NativeHistogram = {
  kind: "integer",
  schema: 0,
  zeroThreshold: 0,
  sum: 1,
  count: 1n,
  zeroCount: 0n,
  positiveSpans: [{ offset: 0, length: 1 }],
  negativeSpans: [],
  positiveDeltas: [1n],
  negativeDeltas: [],
  isGauge: false,
};

describe("native histograms and exemplars", () => {
  async function sent(config: object): Promise<object[]> {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url }], external_labels: { env: "prod" }, ...config });
    const received = h.running.input?.receive({
      ...batchOf([sample(1)]),
      histograms: [{ id: 0, histogram, timestamp: time }],
      exemplars: [{ id: 0, labels: ["trace_id", "x"], value: 0.5, timestamp: time }],
    });
    await h.clock.advance(5000);
    await received;
    await receiver.requestCount(1);
    return receiver.requests.flatMap(({ series }) => series);
  }
  const labels = [
    ["__name__", "m"],
    ["env", "prod"],
    ["n", "1"],
  ];
  const number = { labels, samples: [{ timestamp: time }], histograms: [], exemplars: [] };

  test("are sent as series of their own", async () => {
    expect(await sent({})).toMatchObject([
      number,
      { labels, samples: [], histograms: [{ histogram, timestamp: time }], exemplars: [] },
      { labels, samples: [], exemplars: [{ labels: [["trace_id", "x"]], value: 0.5, timestamp: time }] },
    ]);
  });

  test("are left out if they are not wanted", async () => {
    expect(await sent({ send_native_histograms: false, send_exemplars: false })).toMatchObject([number]);
    expect(await sent({ send_native_histograms: false })).toHaveLength(2);
  });
});

test.each(["prometheus.WriteRequest", "io.prometheus.write.v2.Request"])(
  "samples, histograms and exemplars of %s are counted apart, as sent, as sent again, and as rejected",
  async (protobuf_message) => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 503 });
    await using h = running({
      endpoints: [{ url: receiver.url, name: "central", protobuf_message }],
      queue_config: { sync: "os" },
    });
    const exemplar = { id: 0, labels: ["trace_id", "x"], value: 0.5, timestamp: time };
    const received = h.running.input?.receive({
      ...batchOf([sample(1), sample(2)]),
      histograms: [{ id: 0, histogram, timestamp: time }],
      exemplars: [exemplar, exemplar, exemplar],
    });
    const counts = (what: string) => ["samples", "histograms", "exemplars"].map((kind) => h.metric(`${kind}${what}{`));
    expect(counts("")).toEqual([0, 0, 0]);
    await h.clock.advance(5000);
    await received;
    await receiver.requestCount(1);
    await turnsUntil(() => h.metric("retried{") === 2);
    expect([h.metric("histogramsRetried{"), h.metric("exemplarsRetried{")]).toEqual([1, 3]);
    const headers = {
      "X-Prometheus-Remote-Write-Samples-Written": "2",
      "X-Prometheus-Remote-Write-Exemplars-Written": "1",
    };
    receiver.answer({ status: 204, headers });
    await h.clock.advance(60_000);
    await receiver.requestCount(2);
    await turnsUntil(() => h.metric("samples{") === 4);
    expect(counts("")).toEqual([4, 2, 6]);
    expect([h.metric("failed{"), h.metric("histogramsFailed{"), h.metric("exemplarsFailed{")]).toEqual([0, 1, 2]);
  },
);

describe("histograms with custom buckets", () => {
  const custom: NativeHistogram = {
    ...histogram,
    schema: -53,
    count: 2n,
    customValues: [0.5],
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveDeltas: [1n, 0n],
  };
  const second = "io.prometheus.write.v2.Request";
  const withHistograms = (...histograms: NativeHistogram[]) => ({
    ...batchOf([sample(1)]),
    histograms: histograms.map((each) => ({ id: 0, histogram: each, timestamp: time })),
  });

  test("are sent to endpoints of 2.0, while those of 1.0 get everything else", async () => {
    await using old = await startReceiver();
    await using receiver = await startReceiver();
    await using h = running({
      endpoints: [
        { url: receiver.url, name: "new", protobuf_message: second },
        { url: old.url, name: "old" },
      ],
      queue_config: { sync: "os" },
    });
    const received = h.running.input?.receive(withHistograms(custom, histogram));
    await h.clock.advance(5000);
    await received;
    await Promise.all([old.requestCount(1), receiver.requestCount(1)]);
    const sent = ({ requests }: typeof old) =>
      requests.flatMap(({ series }) => series.flatMap((each) => each.histograms.map((one) => one.histogram)));
    expect(sent(receiver)).toEqual([custom, histogram]);
    expect(sent(old)).toEqual([histogram]);
    expect(old.samples).toEqual([line(1)]);
    await turnsUntil(() => h.metric("samples{") === 2);
    expect(h.metric("histograms{")).toBe(3);
    const unsendable = `histogramsDropped{remote_name="old",url="${old.url}",reason="nhcb_in_rw1_not_supported"}`;
    expect(h.metrics[unsendable]).toBe(1);
    expect(h.metric("dropped")).toBe(0);
  });

  test("are dropped, counted and told of once where there are endpoints of 1.0 only", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], queue_config: { sync: "os" } });
    const received = [withHistograms(custom), withHistograms(custom)].map((batch) => h.running.input?.receive(batch));
    await h.clock.advance(5000);
    await Promise.all(received);
    await receiver.sampleCount(2);
    expect(receiver.requests.flatMap(({ series }) => series.flatMap(({ histograms }) => histograms))).toEqual([]);
    expect(h.metric("histogramsDropped")).toBe(2);
    expect(h.logs.filter(({ message }) => message.startsWith("histograms with custom buckets are dropped"))).toEqual([
      expect.objectContaining({ level: "warn", fields: { endpoint: "central" } }),
    ]);
  });
});

describe("batching", () => {
  test("gathers samples until the deadline, and acknowledges them when they are in the queue", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url }] });
    let acknowledged = false;
    const sent = h.send(1, 2).then(() => {
      acknowledged = true;
    });
    await h.clock.advance(4999);
    expect([acknowledged, receiver.requests.length]).toEqual([false, 0]);
    await h.clock.advance(1);
    await sent;
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual([line(1), line(2)]);
    expect(receiver.requests.length).toBe(1);
  });

  test("sends at once what fills a request, and the rest with what comes next", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url }], queue_config: { max_samples_per_send: 2 } });
    const first = h.receive([sample(1), sample(2), sample(3)]);
    await h.receive([sample(4)]);
    await first;
    await receiver.sampleCount(4);
    expect(receiver.requests.map(({ series }) => series.length)).toEqual([2, 2]);
    expect(receiver.samples).toEqual([line(1), line(2), line(3), line(4)]);
  });

  test("speaks remote write 1.0", async () => {
    await using receiver = await startReceiver();
    const endpoint = { url: receiver.url, headers: { "X-Scope-OrgID": "tenant" } };
    await using h = running({ endpoints: [endpoint], ...singly });
    await h.send(1);
    await receiver.sampleCount(1);
    expect(receiver.requests[0]).toMatchObject({
      path: "/api/v1/write",
      headers: {
        "content-encoding": "snappy",
        "content-type": "application/x-protobuf",
        "x-prometheus-remote-write-version": "0.1.0",
        "user-agent": `sonde/${version}`,
        "x-scope-orgid": "tenant",
      },
    });
    expect(receiver.requests[0]?.headers).not.toHaveProperty("retry-attempt");
  });

  test("marks the end of a series, and adds external labels where the series has none of the name", async () => {
    await using receiver = await startReceiver();
    await using h = running({
      external_labels: { env: "prod", host: "a" },
      endpoints: [{ url: receiver.url }],
      queue_config: { max_samples_per_send: 2 },
    });
    await h.receive(
      [{ labels: { __name__: "up", env: "test" }, value: Number.NaN, timestamp: 5 }],
      [{ labels: { __name__: "gone" }, timestamp: 6 }],
    );
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual(['up{env="test",host="a"} NaN @5', 'gone{env="prod",host="a"} stale @6']);
  });
});

describe("remote write 2.0", () => {
  const message = "io.prometheus.write.v2.Request";
  const endpointOf = ({ url }: { readonly url: string }) => ({ url, name: "central", protobuf_message: message });

  test("is spoken where the endpoint is set to it", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [endpointOf(receiver)], external_labels: { env: "prod" }, ...singly });
    await h.send(1);
    await receiver.sampleCount(1);
    expect(receiver.requests[0]?.headers).toMatchObject({
      "content-encoding": "snappy",
      "content-type": `application/x-protobuf;proto=${message}`,
      "x-prometheus-remote-write-version": "2.0.0",
    });
    expect(receiver.samples).toEqual([`m{env="prod",n="1"} 1 @${time}`]);
    await turnsUntil(() => h.backlog("central") === 0);
    expect(h.metric("failed")).toBe(0);
  });

  test("gives way to 1.0, for good, when the endpoint answers 415", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 415, body: "what is this?" });
    await using h = running({ endpoints: [endpointOf(receiver)], ...singly });
    await h.send(1);
    // The second request, of 1.0, is refused too; that is a mistake in the block.
    await receiver.requestCount(2);
    await turnsUntil(() => h.metric("failed") === 1);
    receiver.answer({ status: 204 });
    await h.send(2);
    h.running.update?.(
      prometheusRemoteWrite.config.parse({ endpoints: [{ ...endpointOf(receiver), remote_timeout: "5s" }], ...singly }),
    );
    await h.send(3);
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual([line(2), line(3)]);
    const versions = receiver.requests.map(({ headers }) => headers["x-prometheus-remote-write-version"]);
    expect(versions).toEqual(["2.0.0", "0.1.0", "0.1.0", "0.1.0"]);
    expect(h.message("endpoint does not know remote write 2.0; 1.0 is sent from now on")).toEqual([
      { endpoint: "central", error: "HTTP 415: what is this?" },
    ]);
  });

  test("counts what the endpoint has taken and not written", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 204, headers: { "X-Prometheus-Remote-Write-Samples-Written": "1" } });
    await using h = running({ endpoints: [endpointOf(receiver)], queue_config: { max_samples_per_send: 3 } });
    await h.receive([sample(1), sample(2), sample(3)]);
    await turnsUntil(() => h.metric("failed") === 2);
  });

  test("keeps what an endpoint has taken without a word about what it has written", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 204, headers: {} });
    await using h = running({ endpoints: [endpointOf(receiver)], ...singly });
    await h.send(1);
    await turnsUntil(() => h.health().state === "unhealthy");
    expect(h.health().reason).toContain("set protobuf_message: prometheus.WriteRequest");
    expect(h.backlog("central")).toBe(1);
  });

  test("and 1.0 go to two endpoints from one queue", async () => {
    await using one = await startReceiver();
    await using two = await startReceiver();
    await using h = running({ endpoints: [{ url: one.url, name: "one" }, endpointOf(two)], ...singly });
    await h.send(1, 2);
    await one.sampleCount(2);
    await two.sampleCount(2);
    expect([one.samples, two.samples]).toEqual([
      [line(1), line(2)],
      [line(1), line(2)],
    ]);
    expect(one.requests[0]?.headers["x-prometheus-remote-write-version"]).toBe("0.1.0");
  });
});

describe("metadata", () => {
  const up = { family: "up", type: "gauge", help: "Whether it is up.", unit: "" };

  test("are sent once a minute in 1.0, by themselves, and say what has changed", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], ...singly });
    const source = {
      metadataVersion: 1,
      metadata: () => [up, { ...up, family: "x_total", type: "counter", unit: "x" }],
    };
    const batch = batchOf([sample(1)]);
    const send = () =>
      h.running.input?.receive({ ...batch, series: Object.assign(batch.series, { metadata: source }) });
    await send();
    await receiver.sampleCount(1);
    await h.clock.advance(60_000);
    await receiver.requestCount(2);
    expect(receiver.requests[1]).toMatchObject({
      series: [],
      metadata: [
        { type: 2, family: "up", help: "Whether it is up.", unit: "" },
        { type: 1, family: "x_total", help: "Whether it is up.", unit: "x" },
      ],
    });
    await turnsUntil(() => h.metric("metadata{") === 2);
    source.metadata = () => [{ ...up, help: "Changed." }];
    source.metadataVersion++;
    await send();
    await h.clock.advance(60_000);
    await receiver.requestCount(4);
    expect(receiver.requests[3]?.metadata).toMatchObject([{ help: "Changed." }, { family: "x_total" }]);
  });

  test("are not sent by themselves in 2.0, nor when they are not wanted", async () => {
    await using receiver = await startReceiver();
    await using h = running({
      endpoints: [{ url: receiver.url, protobuf_message: "io.prometheus.write.v2.Request" }],
      ...singly,
    });
    const batch = batchOf([sample(1)]);
    const metadata = { metadataVersion: 1, metadata: () => [{ ...up, family: "m" }] };
    await h.running.input?.receive({ ...batch, series: Object.assign(batch.series, { metadata }) });
    await receiver.sampleCount(1);
    expect(receiver.requests[0]?.series).toMatchObject([
      { metadata: { type: 2, help: "Whether it is up.", unit: "" } },
    ]);
    await h.clock.advance(120_000);
    expect(receiver.requests.length).toBe(1);
  });
});

describe("write_relabel_rules", () => {
  const rules = [
    { source_labels: ["n"], regex: "2", action: "drop" },
    { source_labels: ["env", "n"], separator: "-", target_label: "id" },
  ];

  test("change what goes to their endpoint, after the external labels, and no other", async () => {
    await using own = await startReceiver();
    await using other = await startReceiver();
    await using h = running({
      external_labels: { env: "prod" },
      endpoints: [
        { url: own.url, name: "own", write_relabel_rules: rules },
        { url: other.url, name: "other" },
      ],
      ...singly,
    });
    await h.send(1, 2, 3);
    await own.sampleCount(2);
    await other.sampleCount(3);
    expect(own.samples).toEqual([1, 3].map((n) => `m{env="prod",id="prod-${n}",n="${n}"} 1 @${time}`));
    expect(other.samples).toEqual([1, 2, 3].map((n) => `m{env="prod",n="${n}"} 1 @${time}`));
    expect(h.metrics[`dropped{remote_name="own",url="${own.url}",reason="dropped_series"}`]).toBe(1);
  });

  test.each([
    ["that an endpoint gets", [], rules],
    ["that an endpoint loses", rules, []],
  ])("%s leave what is queued as it was, and in front", async (_, before, after) => {
    await using receiver = await startReceiver();
    await using other = await startReceiver();
    receiver.answer({ status: 503, headers: { "Retry-After": "60" } });
    const config = (write_relabel_rules: object[]) => ({
      endpoints: [
        { url: receiver.url, name: "own", write_relabel_rules },
        { url: other.url, name: "other" },
      ],
      ...singly,
    });
    const plain = (n: number) => line(n);
    const ruled = (n: number) => `m{id="-${n}",n="${n}"} 1 @${time}`;
    await using h = running(config(before));
    await h.send(1);
    await h.send(3);
    await turnsUntil(() => h.metric("retried") === 1);
    h.running.update?.(prometheusRemoteWrite.config.parse(config(after)));
    const accepted = h.send(4, 5);
    receiver.answer({ status: 204 });
    await accepted;
    await turnsUntil(() => other.samples.length === 4, h.clock);
    await turnsUntil(() => receiver.samples.length === 4, h.clock);
    const [old, next] = before.length === 0 ? [plain, ruled] : [ruled, plain];
    expect(receiver.samples).toEqual([old(1), old(3), next(4), next(5)]);
    expect(other.samples).toEqual([1, 3, 4, 5].map(plain));
    await turnsUntil(() => h.backlog("own") === 0);
  });
});

describe("max_shards", () => {
  test("lets so many requests be under way, and keeps the order of each series", async () => {
    await using receiver = await startReceiver();
    receiver.answer("hang");
    const endpoint = { url: receiver.url, name: "central", remote_timeout: "1s" };
    await using h = running({ endpoints: [endpoint], queue_config: { ...singly.queue_config, max_shards: 4 } });
    const series = Array.from({ length: 40 }, (_, at) => ({ __name__: "m", n: String(at) }));
    for (let round = 0; round < 3; round++) {
      await h.receive(series.map((labels) => ({ labels, value: round, timestamp: time + round })));
    }
    await receiver.requestCount(4);
    receiver.answer({ status: 204 });
    await h.clock.advance(1000);
    await turnsUntil(() => receiver.samples.length === 120, h.clock);
    for (const { n } of series) {
      const own = receiver.samples.filter((text) => text.includes(`n="${n}"`));
      expect(own).toEqual([0, 1, 2].map((round) => `m{n="${n}"} ${round} @${time + round}`));
    }
  });

  test.each([
    [1, 3],
    [3, 1],
    [3, 2],
  ])("may change from %i to %i over a restart: what was queued comes first", async (before, after) => {
    using dir = tempDir();
    const port = await freePort();
    const config = (max_shards: number) => ({
      endpoints: [{ url: `http://127.0.0.1:${port}/`, name: "central" }],
      queue_config: { ...singly.queue_config, max_shards },
    });
    const names = [1, 2, 3, 4, 5];
    for (const [at, count] of [before, after].entries()) {
      await using h = running(config(count), "/nowhere", dir.path);
      await h.receive(names.map((n) => ({ ...sample(n), value: at, timestamp: time + at })));
      if (at === 0) await turnsUntil(() => h.metric("retried") > 0);
      h.stop();
      await h.clock.advance(12_000);
      await h.ended;
    }
    await using receiver = await startReceiver({ port });
    await using h = running(config(after), "/nowhere", dir.path);
    await turnsUntil(() => receiver.samples.length === 10, h.clock);
    for (const n of names) {
      const own = receiver.samples.filter((text) => text.includes(`n="${n}"`));
      expect(own).toEqual([0, 1].map((at) => `m{n="${n}"} ${at} @${time + at}`));
    }
  });
});

describe("an outage costs nothing", () => {
  test("when nothing listens at first", async () => {
    const port = await freePort();
    const endpoint = {
      url: `http://127.0.0.1:${port}/api/v1/write`,
      queue_config: { min_backoff: "1s", max_backoff: "1s" },
    };
    await using h = running({ endpoints: [endpoint], ...singly });
    await h.send(1, 2, 3);
    for (let attempt = 1; attempt < 5; attempt++) {
      await turnsUntil(() => h.metric("retried") === attempt);
      await h.clock.advance(1000);
    }
    expect(h.message("cannot deliver, retrying")).toEqual([
      { endpoint: `127.0.0.1:${port}`, error: `connection refused by 127.0.0.1:${port}` },
    ]);
    await turnsUntil(() => h.metric("retried") === 5);
    await using receiver = await startReceiver({ port });
    await h.clock.advance(1000);
    await receiver.sampleCount(3);
    expect(receiver.samples).toEqual([line(1), line(2), line(3)]);
    await turnsUntil(() => h.message("endpoint takes data again").length === 1);
  });

  test("when the endpoint answers 500: the same block again, with growing delays", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 500, body: "out of\n order" });
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], ...singly });
    await h.send(1, 2);
    for (const [attempt, delay] of [30, 60, 120].entries()) {
      await turnsUntil(() => h.metric("retried") === attempt + 1);
      await h.clock.advance(delay - 1);
      expect(receiver.requests.length).toBe(attempt + 1);
      await h.clock.advance(1);
      await receiver.requestCount(attempt + 2);
    }
    expect(receiver.requests.map(({ headers }) => headers["retry-attempt"])).toEqual([undefined, "1", "2", "3"]);
    expect(h.message("cannot deliver, retrying")).toEqual([{ endpoint: "central", error: "HTTP 500: out of order" }]);
    await turnsUntil(() => h.metric("retried") === 4);
    receiver.answer({ status: 200 });
    await h.clock.advance(240);
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual([line(1), line(2)]);
    expect(receiver.requests.at(-1)?.headers).not.toHaveProperty("retry-attempt");
  });

  test("and samples that come meanwhile are in the queue a tenth of a second later", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 503 });
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], queue_config: { sync: "os" } });
    const first = h.send(1);
    await h.clock.advance(5000);
    await first;
    await turnsUntil(() => h.metric("retried") > 0);
    const second = h.send(2);
    await h.clock.advance(100);
    await second;
  });

  test("when the endpoint asks to be left alone for a while", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 429, headers: { "Retry-After": "7" } });
    await using h = running({ endpoints: [{ url: receiver.url }], ...singly });
    await h.send(1);
    await turnsUntil(() => h.metric("retried") === 1);
    receiver.answer({ status: 204 });
    await h.clock.advance(6999);
    expect(receiver.requests.length).toBe(1);
    await h.clock.advance(1);
    await receiver.sampleCount(1);
  });

  test("when the endpoint does not answer in time", async () => {
    await using receiver = await startReceiver();
    receiver.answer("hang");
    await using h = running({ endpoints: [{ url: receiver.url, name: "central", remote_timeout: "2s" }], ...singly });
    await h.send(1);
    await receiver.requestCount(1);
    await h.clock.advance(2000);
    await turnsUntil(() => h.metric("retried") === 1);
    expect(h.message("cannot deliver, retrying")).toEqual([{ endpoint: "central", error: "no answer within 2s" }]);
    receiver.answer({ status: 204 });
    await h.clock.advance(30);
    await receiver.sampleCount(1);
  });

  test("when one of two endpoints is dead, for the other", async () => {
    await using receiver = await startReceiver();
    const dead = `http://127.0.0.1:${await freePort()}/`;
    await using h = running({
      endpoints: [
        { url: dead, name: "dead" },
        { url: receiver.url, name: "alive" },
      ],
      ...singly,
    });
    await h.send(1, 2, 3);
    await receiver.sampleCount(3);
    expect(receiver.samples).toEqual([line(1), line(2), line(3)]);
    await turnsUntil(() => h.metric("retried") === 1);
    await turnsUntil(() => h.backlog("alive") === 0);
    expect(h.backlog("dead")).toBe(3);
  });
});

describe("what an endpoint refuses", () => {
  test("as invalid is dropped, counted, logged and written down, and the next is sent", async () => {
    using dir = tempDir();
    await using receiver = await startReceiver();
    const endpoint = { url: receiver.url, name: "central" };
    await using h = running({ endpoints: [endpoint], ...singly }, "/nowhere", dir.path);
    await h.send(0);
    await receiver.sampleCount(1);
    receiver.answer({ status: 400, body: "duplicate sample" });
    await h.send(1);
    await turnsUntil(() => h.metric("failed") === 1);
    receiver.answer({ status: 204 });
    await h.send(2);
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual([line(0), line(2)]);
    const error = "HTTP 400: duplicate sample";
    expect(h.message("endpoint rejected data")).toEqual([{ endpoint: "central", records: 1, error }]);
    h.stop();
    await h.ended;
    expect(JSON.parse(readFileSync(join(dir.path, "dead-letters.jsonl"), "utf8"))).toEqual({
      time: new Date(h.clock.now()).toISOString(),
      endpoint: "central",
      url: receiver.url,
      status: 400,
      reason: error,
      labels: { __name__: "m", n: "1" },
      samples: [[time, "1"]],
    });
  });

  test("as invalid is asked for a second time, half a minute later, if the endpoint has taken nothing yet", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 400, body: "no" });
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], ...singly });
    await h.send(1);
    await turnsUntil(() => h.health().state === "unhealthy");
    expect(h.health().reason).toBe("endpoint central: HTTP 400: no; it has taken nothing yet: check the url");
    await h.clock.advance(29_999);
    expect(receiver.requests.length).toBe(1);
    await h.clock.advance(1);
    await turnsUntil(() => h.metric("failed") === 1);
    expect(receiver.requests.length).toBe(2);
  });

  test("for lack of permission is dropped and counted with on_client_error: drop", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 401, body: "who are you?" });
    await using h = running({
      endpoints: [{ url: receiver.url, name: "central", on_client_error: "drop" }],
      ...singly,
    });
    await h.send(1, 2);
    await turnsUntil(() => h.metric("failed") === 2);
    expect(receiver.requests.length).toBe(2);
  });

  test("for lack of permission is kept: the endpoint is parked, unhealthy, and asked again", async () => {
    await using receiver = await startReceiver();
    receiver.answer({ status: 401, body: "who are you?" });
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], ...singly });
    await h.send(1, 2);
    await turnsUntil(() => h.health().state === "unhealthy");
    expect(h.health().reason).toBe("endpoint central: HTTP 401: who are you?; check the credentials");
    await h.clock.advance(29_999);
    expect(receiver.requests.length).toBe(1);
    receiver.answer({ status: 204 });
    await h.clock.advance(1);
    await receiver.sampleCount(2);
    expect(receiver.samples).toEqual([line(1), line(2)]);
    await turnsUntil(() => h.health().state === "healthy");
  });
});

test("an endpoint that has failed for a minute is unhealthy until it takes data", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  await using h = running({
    endpoints: [{ url, name: "central", queue_config: { min_backoff: "1h", max_backoff: "1h" } }],
    ...singly,
  });
  await h.send(1);
  await turnsUntil(() => h.metric("retried") === 1);
  await h.clock.advance(59_999);
  expect(h.health().state).toBe("unknown");
  await h.clock.advance(1);
  expect(h.health()).toEqual({
    state: "unhealthy",
    reason: `endpoint central: connection refused by 127.0.0.1:${port}`,
  });
  await using receiver = await startReceiver({ port });
  await h.clock.advance(3_600_000);
  await receiver.sampleCount(1);
  await turnsUntil(() => h.health().state === "healthy");
});

test("a full queue drops the oldest samples, and counts them for the endpoint that missed them", async () => {
  await using receiver = await startReceiver();
  receiver.answer({ status: 503, headers: { "Retry-After": "60" } });
  await using h = running({
    endpoints: [{ url: receiver.url, name: "central" }],
    queue_config: { ...singly.queue_config, max_bytes: "1MiB" },
  });
  const text = Array.from({ length: 2000 }, (_, at) => Math.imul(at, 2_654_435_761).toString(36)).join("");
  for (let at = 0; at < 150; at++) await h.receive([{ ...sample(at), labels: { __name__: "m", n: String(at), text } }]);
  await turnsUntil(() => h.metric("retried") === 1);
  const dropped = h.metrics[`dropped{remote_name="central",url="${receiver.url}",reason="queue_full"}`] ?? 0;
  receiver.answer({ status: 204 });
  await h.clock.advance(60_000);
  await receiver.sampleCount(150 - dropped);
  const numbers = receiver.samples.map((each) => Number(/n="([0-9]+)"/.exec(each)?.[1]));
  expect(dropped).toBeGreaterThan(40);
  expect(numbers).toEqual([0, ...Array.from({ length: 149 - dropped }, (_, at) => at + 1 + dropped)]);
});

describe("stopping", () => {
  test("delivers what is gathered and queued", async () => {
    await using receiver = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url }] });
    const sent = h.send(1, 2);
    h.stop();
    await h.ended;
    await sent;
    expect(receiver.samples).toEqual([line(1), line(2)]);
    expect(h.clock.pending).toBe(0);
  });

  test("gives up on an endpoint that does not answer before the time for stopping is over", async () => {
    await using receiver = await startReceiver();
    receiver.answer("hang");
    await using h = running({ endpoints: [{ url: receiver.url, name: "central" }], ...singly });
    await h.send(1, 2);
    await receiver.requestCount(1);
    h.stop();
    await h.clock.advance(11_999);
    expect(h.isEnded()).toBe(false);
    await h.clock.advance(1);
    await h.ended;
    expect(h.metric("dropped")).toBe(0);
    expect(h.message("samples stay in the queue until the agent runs again")).toEqual([
      { endpoint: "central", records: 2 },
    ]);
    expect(h.clock.pending).toBe(0);
  });

  test("keeps trying an endpoint that is down, until the time is over", async () => {
    const port = await freePort();
    await using h = running({ endpoints: [{ url: `http://127.0.0.1:${port}` }], ...singly });
    await h.send(1);
    await turnsUntil(() => h.metric("retried") === 1);
    h.stop();
    await using receiver = await startReceiver({ port });
    await h.clock.advance(5000);
    await h.ended;
    expect(receiver.samples).toEqual([line(1)]);
  });
});

describe("a changed config", () => {
  const parse = (config: object) => prometheusRemoteWrite.config.parse(config);

  test("keeps the queue and the cursors of the endpoints that stay", async () => {
    await using receiver = await startReceiver();
    await using h = running({
      endpoints: [{ url: `http://127.0.0.1:${await freePort()}`, name: "central" }],
      ...singly,
    });
    await h.send(1, 2);
    await turnsUntil(() => h.metric("retried") === 1);
    const endpoints = [{ url: receiver.url, name: "central" }];
    h.running.update?.(parse({ endpoints, external_labels: { env: "prod" }, ...singly }));
    await receiver.sampleCount(2);
    await h.send(3);
    await receiver.sampleCount(3);
    expect(receiver.samples).toEqual([line(1), line(2), `m{env="prod",n="3"} 1 @${time}`]);
  });

  test("lets the attempt under way end, so that nothing is sent twice", async () => {
    await using receiver = await startReceiver();
    receiver.answer("hang");
    await using other = await startReceiver();
    await using h = running({ endpoints: [{ url: receiver.url, name: "central", remote_timeout: "1s" }], ...singly });
    await h.send(1);
    await receiver.requestCount(1);
    h.running.update?.(parse({ endpoints: [{ url: other.url, name: "central" }], ...singly }));
    await h.clock.advance(999);
    expect(other.requests.length).toBe(0);
    await h.clock.advance(1);
    await other.sampleCount(1);
  });

  test("sends to a new endpoint what comes from now on, and forgets the one that is gone", async () => {
    await using old = await startReceiver();
    await using fresh = await startReceiver();
    await using h = running({ endpoints: [{ url: old.url, name: "old" }], ...singly });
    await h.send(1);
    await old.sampleCount(1);
    h.running.update?.(parse({ endpoints: [{ url: fresh.url, name: "fresh" }], ...singly }));
    await h.send(2);
    await fresh.sampleCount(1);
    expect([old.samples, fresh.samples]).toEqual([[line(1)], [line(2)]]);
  });
});

describe("a restart", () => {
  test("goes on where each endpoint stood", async () => {
    using dir = tempDir();
    const port = await freePort();
    await using alive = await startReceiver();
    const endpoints = [
      { url: alive.url, name: "alive" },
      { url: `http://127.0.0.1:${port}`, name: "dead" },
    ];
    {
      await using h = running({ endpoints, ...singly }, "/nowhere", dir.path);
      await h.send(1, 2);
      await alive.sampleCount(2);
      await turnsUntil(() => h.backlog("alive") === 0);
    }
    await using back = await startReceiver({ port });
    await using h = running({ endpoints, ...singly }, "/nowhere", dir.path);
    await h.send(3);
    await Promise.all([alive.sampleCount(3), back.sampleCount(3)]);
    expect([alive.samples, back.samples]).toEqual([
      [line(1), line(2), line(3)],
      [line(1), line(2), line(3)],
    ]);
  });

  test("forgets what only a removed endpoint waited for", async () => {
    using dir = tempDir();
    await using receiver = await startReceiver();
    const down = { url: `http://127.0.0.1:${await freePort()}`, name: "goes" };
    const stays = { url: receiver.url, name: "stays" };
    {
      await using h = running({ endpoints: [down, stays], ...singly }, "/nowhere", dir.path);
      await h.send(1);
      await receiver.sampleCount(1);
    }
    await using h = running({ endpoints: [{ ...down, name: "fresh" }, stays], ...singly }, "/nowhere", dir.path);
    await h.send(2);
    await receiver.sampleCount(2);
    expect(h.backlog("fresh")).toBe(1);
    expect(readdirSync(dir.path).filter((name) => name.startsWith("cursor."))).toEqual([
      "cursor.fresh",
      "cursor.stays",
    ]);
  });
});

test("a disk that cannot be written makes it unhealthy, and samples go through memory", async () => {
  using dir = tempDir();
  writeFileSync(join(dir.path, "file"), "");
  await using receiver = await startReceiver();
  const folder = join(dir.path, "file/queue");
  await using h = running({ endpoints: [{ url: receiver.url }], ...singly }, "/nowhere", folder);
  await h.send(1, 2);
  await receiver.sampleCount(2);
  expect(receiver.samples).toEqual([line(1), line(2)]);
  expect(h.health().state).toBe("unhealthy");
  expect(h.health().reason).toContain(`cannot write the queue in ${folder}: ENOTDIR`);
  expect(h.metrics.degraded).toBe(1);
});

describe("credentials", () => {
  test("come from a file beside the config, read for every request, over TLS", async () => {
    using dir = tempDir();
    const { cert, key } = makeCertificate(dir.path);
    await using receiver = await startReceiver({ tls: { cert, key } });
    const basic_auth = { username: "agent", password_file: "password" };
    const endpoint = { url: receiver.url, basic_auth, tls_config: { ca_file: "server.crt" } };
    await using h = running({ endpoints: [endpoint], ...singly }, dir.path);
    for (const [at, password] of ["first", "second\n"].entries()) {
      writeFileSync(join(dir.path, "password"), password);
      await h.send(at);
      await receiver.sampleCount(at + 1);
    }
    const sent = receiver.requests.map(({ headers }) => headers.authorization?.replace("Basic ", "") ?? "");
    expect(sent.map((text) => Buffer.from(text, "base64").toString())).toEqual(["agent:first", "agent:second"]);
  });

  test("of AWS sign each request", async () => {
    const requests: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
    await using server = await startHttpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(204).end();
      });
    });
    const url = `${server.url}/workspaces/ws-1/api/v1/remote_write`;
    const sigv4 = { region: "eu-west-1", access_key: "AKID", secret_key: "canary" };
    await using h = running({ endpoints: [{ url, sigv4 }], ...singly });
    await h.send(1);
    await turnsUntil(() => requests.length === 1);
    const [{ headers, body }] = requests as [(typeof requests)[0]];
    const expected = signRequest({
      method: "POST",
      url: new URL(url),
      headers: {
        "content-type": "application/x-protobuf",
        "content-encoding": "snappy",
        "x-prometheus-remote-write-version": "0.1.0",
      },
      body,
      credentials: { accessKeyId: "AKID", secretAccessKey: new Secret("canary") },
      region: "eu-west-1",
      service: "aps",
      time: h.clock.now(),
    });
    expect(headers).toMatchObject(expected);
    expect(JSON.stringify([h.running.debug?.(), h.logs])).not.toContain("canary");
  });

  test("that cannot be got keep the samples waiting, and say why", async () => {
    await using receiver = await startReceiver();
    const workload_identity = { client_id: "c", tenant_id: "t", token_file_path: "/nowhere/token" };
    await using h = running({
      endpoints: [{ url: receiver.url, name: "central", azuread: { workload_identity } }],
      ...singly,
    });
    await h.send(1);
    await turnsUntil(() => h.metric("retried") === 1);
    expect(h.message("cannot deliver, retrying")).toEqual([
      {
        endpoint: "central",
        error: expect.stringContaining("cannot get a token of Azure: cannot read the federated token: ENOENT"),
      },
    ]);
    expect([receiver.requests.length, h.backlog("central")]).toEqual([0, 1]);
  });

  test("never show in the debug page, in logs or in metrics", async () => {
    const port = await freePort();
    const url = `http://user:canary@127.0.0.1:${port}/write?token=canary`;
    await using h = running({ endpoints: [{ url }], ...singly });
    await h.send(1);
    await turnsUntil(() => h.metric("retried") === 1);
    const shown = JSON.stringify([h.running.debug?.(), h.logs, h.metrics, h.health()]);
    expect(shown).toContain(`http://127.0.0.1:${port}/write`);
    expect(shown).not.toContain("canary");
  });
});

describe("the config", () => {
  function problems(config: object): string[] {
    const { error } = prometheusRemoteWrite.config.safeParse(config);
    return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
  }

  test("names endpoints by their host and wants no name twice", () => {
    const twice = [{ url: "http://a/1" }, { url: "http://a/2" }, { url: "http://b/", name: "a" }];
    const message = "another endpoint is called a already; give each a name of its own";
    expect(problems({ endpoints: twice })).toEqual([`endpoints.1.name: ${message}`, `endpoints.2.name: ${message}`]);
    expect(problems({ endpoints: [{ url: "http://a/1" }, { url: "http://a/2", name: "b" }] })).toEqual([]);
  });

  test("refuses what cannot work", () => {
    const endpoint = (fields: object) => problems({ endpoints: [{ url: "http://a/", ...fields }] });
    expect(problems({ endpoints: [] })).toEqual(["endpoints: at least one endpoint is needed"]);
    const azuread = { managed_identity: {} };
    expect(endpoint({ azuread, basic_auth: { username: "a" } })).toEqual([
      "endpoints.0.azuread: only one way to authenticate: basic_auth is set already",
    ]);
    expect(endpoint({ azuread: {} })).toEqual([
      "endpoints.0.azuread: one of managed_identity, oauth, workload_identity, sdk is needed",
    ]);
    expect(endpoint({ sigv4: { access_key: "a" } })).toEqual([
      "endpoints.0.sigv4: access_key and secret_key go together",
    ]);
    expect(endpoint({ headers: { Host: "x" } })).toEqual([
      "endpoints.0.headers.Host: Host is set by the client itself",
    ]);
    expect(endpoint({ queue_config: { min_backoff: "10s" } })).toEqual([
      "endpoints.0.queue_config: min_backoff is longer than max_backoff",
    ]);
    expect(problems({ endpoints: [{ url: "http://a/" }], queue_config: { max_bytes: "0B" } })).toEqual([
      "queue_config.max_bytes: must be 1MiB or more",
    ]);
  });
});
