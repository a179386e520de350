import { writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { prometheusEchoTo } from "../../../src/components/prometheus/echo.ts";
import { prometheusReceiveHttp } from "../../../src/components/prometheus/receive-http.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { Receiver, Signal } from "../../../src/signals/receiver.ts";
import { staleBits } from "../../reference/remote-write.ts";
import { type WrittenSeries, writeRequestV1, writeRequestV2 } from "../../reference/write-messages.ts";
import { type Harness, harness } from "../../support/component-harness.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Receiving extends Harness, AsyncDisposable {
  readonly url: () => string;
  /** What the component has sent on since the last call, as lines: `up{a="1"} 1 1767225600000`. */
  readonly sent: () => string[];
  /** The receivers do this with batches from now on. */
  answer: (batch: MetricBatch) => Promise<void>;
  readonly healthSet: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The component at work; it listens when this resolves, unless the port is taken. */
async function receiving(config: object = {}, configDir?: string): Promise<Receiving> {
  let lines: string[] = [];
  let wake = () => {};
  const echo = prometheusEchoTo((text) => lines.push(...text.split("\n").slice(0, -1)));
  const printer = harness(echo, {}, { receive: () => Promise.resolve() }).running.input as Receiver<"metrics">;
  const output: Receiver<"metrics"> = { receive: (batch) => receiver.answer(batch) };
  const all = { listen_address: "127.0.0.1:0", ...config };
  const made = harness(prometheusReceiveHttp, all, output as Receiver<Signal>, {
    ...(configDir !== undefined && { configDir }),
    onHealth: () => wake(),
  });
  const healthSet = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const shown = () => made.running.debug?.() as { url: string };
  const stopping = new AbortController();
  const ready = healthSet();
  const done = made.running.run?.(stopping.signal);
  done?.catch(() => {});
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  const receiver: Receiving = {
    ...made,
    url: () => shown().url,
    sent: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
    answer: (batch) => printer.receive(batch),
    healthSet,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  await ready;
  return receiver;
}

const oneBits = new BigUint64Array(Float64Array.of(1).buffer)[0]!;

function series(name: string, bits: bigint = oneBits, rest: Partial<WrittenSeries> = {}): WrittenSeries {
  return {
    labels: [["__name__", name]],
    samples: [{ bits, timestamp: 1000 }],
    histograms: [],
    exemplars: [],
    ...rest,
  };
}

const v2 = { "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" };

async function told(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${await response.text()}`;
}

function write(url: string, message: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  const all = { "content-type": "application/x-protobuf", "content-encoding": "snappy", ...headers };
  return fetch(`${url}/api/v1/write`, { method: "POST", body: compress(message), headers: all });
}

test("remote write 1.0 and 2.0 are passed on, and acknowledged with what was written", async () => {
  await using it = await receiving();
  const histogram = {
    kind: "integer" as const,
    schema: 0,
    zeroThreshold: 0,
    sum: 2,
    count: 1n,
    zeroCount: 0n,
    isGauge: false,
    positiveSpans: [{ offset: 1, length: 1 }],
    positiveDeltas: [1n],
    negativeSpans: [],
    negativeDeltas: [],
  };
  const all = [
    series("a"),
    series("gone", staleBits),
    series("h", oneBits, { samples: [], histograms: [{ histogram, timestamp: 1000 }] }),
    series("e", oneBits, { samples: [], exemplars: [{ labels: [["id", "7"]], value: 3, timestamp: 999 }] }),
  ];
  const lines = [
    "a 1 1000",
    "gone stale 1000",
    "h {count=1 sum=2 schema=0 zero=0 positive=1:1 negative=} 1000",
    'e # {id="7"} 3 999',
  ];
  for (const [message, headers] of [
    [writeRequestV1(all), {}],
    [writeRequestV2(all), v2],
  ] as const) {
    const response = await write(it.url(), message, headers);
    expect(response.status).toBe(204);
    const written = ["Samples", "Histograms", "Exemplars"].map((what) =>
      response.headers.get(`X-Prometheus-Remote-Write-${what}-Written`),
    );
    expect(written).toEqual(["2", "1", "1"]);
    expect(it.sent()).toEqual(lines);
  }
  expect(
    await told(`${it.url()}/api/v1/metrics/write`, { method: "POST", body: compress(writeRequestV1([series("b")])) }),
  ).toBe("204 ");
  expect(it.sent()).toEqual(["b 1 1000"]);
  expect(it.metrics).toEqual({
    'requests{api="remote_write",code="204"}': 3,
    samples: 5,
    histograms: 2,
    exemplars: 2,
    invalid: 0,
  });
  expect(it.health()).toEqual({ state: "healthy" });
  expect(it.running.debug?.()).toEqual({
    url: it.url(),
    listening: true,
    requests_under_way: 0,
    remote_write_series: 5,
    pushed_groups: 0,
    groups: [],
  });
});

test("series that are not valid are told, and the others are written", async () => {
  await using it = await receiving();
  const bad = series("x", oneBits, { labels: [["b", "1"]] });
  const response = await write(it.url(), writeRequestV2([bad, series("a")]), v2);
  expect(response.status).toBe(400);
  expect(response.headers.get("X-Prometheus-Remote-Write-Samples-Written")).toBe("1");
  expect(await response.text()).toBe(
    '1 of 2 samples, histograms and exemplars were not written:\nthere is no __name__ in the series {b="1"}\n',
  );
  expect(it.sent()).toEqual(["a 1 1000"]);
  expect(it.metrics.invalid).toBe(1);
});

test("what is no request is refused with the reason", async () => {
  await using it = await receiving({ max_request_size: "1KiB" });
  const url = `${it.url()}/api/v1/write`;
  const body = compress(writeRequestV1([series("a")]));
  const f = async (init: RequestInit, want: string) =>
    expect(await told(url, { method: "POST", body, ...init })).toBe(`${want}\n`);
  const accepted =
    "accepted is application/x-protobuf, with proto=prometheus.WriteRequest or proto=io.prometheus.write.v2.Request";
  await f({ method: "PUT" }, "405 send it by POST");
  await f({ headers: { "content-type": "text/plain" } }, `415 the Content-Type is "text/plain"; ${accepted}`);
  await f(
    { headers: { "content-type": "application/x-protobuf;proto=a.B" } },
    `415 the Content-Type is "application/x-protobuf;proto=a.B"; ${accepted}`,
  );
  await f({ headers: { "content-encoding": "zstd" } }, '415 the Content-Encoding is "zstd"; accepted is snappy');
  await f({ body: new Uint8Array(0) }, "400 the body is no block of Snappy: it does not begin with a length");
  await f(
    { body: compress(Buffer.from([0x0a, 9])) },
    "400 the body is no prometheus.WriteRequest: the message ends too early",
  );
  await f(
    { body: compress(new Uint8Array(2000)) },
    "413 the body is too large: 2000 bytes when decompressed; the limit is 1024 (max_request_size)",
  );
  await f(
    { body: new Uint8Array(5000) },
    "413 the body is too large: 5000 bytes; the limit is 1227 (max_request_size)",
  );
  expect(await told(`${it.url()}/`)).toBe("404 404 page not found\n");
  expect(it.sent()).toEqual([]);
});

test("a body of no declared length is given up at the limit", async () => {
  await using it = await receiving({ max_request_size: "1KiB" });
  const body = ReadableStream.from([new Uint8Array(1000), new Uint8Array(1000)]);
  const answer = await told(`${it.url()}/api/v1/write`, { method: "POST", body, duplex: "half" } as RequestInit);
  expect(answer).toBe("413 the body is too large: more than 1227 bytes (max_request_size)\n");
});

test("the answer waits for the receivers, and is 503 when they do not take it or too many wait", async () => {
  await using it = await receiving({ max_requests: 1 });
  const taken = Promise.withResolvers<void>();
  const given = Promise.withResolvers<void>();
  it.answer = () => {
    given.resolve();
    return taken.promise;
  };
  const waiting = write(it.url(), writeRequestV1([series("a")]));
  await given.promise;
  const refused = await write(it.url(), writeRequestV1([series("b")]));
  expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([
    503,
    "5",
    "1 requests are under way (max_requests)\n",
  ]);
  taken.reject(new Error("the queue is full"));
  const failed = await waiting;
  expect([failed.status, failed.headers.get("retry-after"), await failed.text()]).toEqual([
    503,
    "5",
    "not written, send it again: the queue is full\n",
  ]);
  expect(failed.headers.get("X-Prometheus-Remote-Write-Samples-Written")).toBe("0");
  it.answer = () => Promise.resolve();
  expect((await write(it.url(), writeRequestV1([series("a")]))).status).toBe(204);
  expect(it.metrics).toMatchObject({ 'requests{api="remote_write",code="503"}': 2, samples: 1 });
});

test("a client that goes away in the middle of its body costs nothing", async () => {
  await using it = await receiving({ max_requests: 1 });
  await new Promise<void>((resolve) => {
    const request = httpRequest(`${it.url()}/api/v1/write`, { method: "POST", headers: { "content-length": 100 } });
    request.on("error", () => resolve());
    request.write("abc", () => request.destroy(new Error("gone")));
  });
  // The port answers in the order of connections, so the first one has ended by the time a later one is taken.
  let status = 0;
  while (status !== 204) ({ status } = await write(it.url(), writeRequestV1([series("a")])));
  expect(it.sent()).toEqual(["a 1 1000"]);
});

const noon = Date.UTC(2026, 0, 1);
function push(url: string, path: string, body: string, init: RequestInit = {}): Promise<string> {
  return told(`${url}/metrics/job/${path}`, { method: "PUT", body, ...init });
}

test("a push is sent on at once with the labels of its group, and again at the interval", async () => {
  await using it = await receiving();
  expect(await push(it.url(), "backup/instance/db1", '# TYPE size gauge\nsize{job="mine",part="a"} 5\nsize 6\n')).toBe(
    "200 ",
  );
  const lines = (at: number) => [
    `size{instance="db1",job="backup",part="a"} 5 ${at}`,
    `size{instance="db1",job="backup"} 6 ${at}`,
    `push_time_seconds{instance="db1",job="backup"} 1.7672256e+09 ${at}`,
    `push_failure_time_seconds{instance="db1",job="backup"} 0 ${at}`,
  ];
  expect(it.sent()).toEqual(lines(noon));
  await it.clock.advance(29_999);
  expect(it.sent()).toEqual([]);
  await it.clock.advance(1);
  expect(it.sent()).toEqual(lines(noon + 30_000));
  expect(it.metrics).toMatchObject({ 'requests{api="pushgateway",code="200"}': 1, samples: 2, groups: 1 });
  expect(it.running.debug?.()).toMatchObject({
    groups: [
      {
        labels: '{instance="db1", job="backup"}',
        series: 2,
        push_time: "2026-01-01T00:00:00.000Z",
        push_failure_time: null,
      },
    ],
  });
});

test("PUT replaces the group, POST the metrics of the same names, DELETE ends it; what is gone gets a marker", async () => {
  await using it = await receiving();
  const values = () =>
    it
      .sent()
      .filter((line) => !line.startsWith("push_"))
      .map((line) => line.replace(/ \d+$/, ""));
  const histogram = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n';
  await push(it.url(), "j", `a{x="1"} 1\na{x="2"} 2\n${histogram}`);
  expect(values()).toHaveLength(6);
  await push(it.url(), "j", 'a{x="1"} 7\nb 1\n', { method: "POST" });
  expect(values()).toEqual([
    'h_bucket{job="j",le="1.0"} 1',
    'h_bucket{job="j",le="+Inf"} 2',
    'h_sum{job="j"} 3',
    'h_count{job="j"} 2',
    'a{job="j",x="1"} 7',
    'b{job="j"} 1',
    'a{job="j",x="2"} stale',
  ]);
  await push(it.url(), "j", '# TYPE h histogram\nh_bucket{le="+Inf"} 5\nh_sum 5\nh_count 5\n', { method: "POST" });
  expect(values().filter((line) => line.endsWith("stale"))).toEqual(['h_bucket{job="j",le="1.0"} stale']);
  await push(it.url(), "j", "b 2\n");
  expect(values()).toEqual([
    'b{job="j"} 2',
    'a{job="j",x="1"} stale',
    'h_bucket{job="j",le="+Inf"} stale',
    'h_sum{job="j"} stale',
    'h_count{job="j"} stale',
  ]);
  expect(await push(it.url(), "j", "", { method: "DELETE", body: null })).toBe("202 ");
  expect(it.sent().map((line) => line.replace(/ \d+$/, ""))).toEqual([
    'b{job="j"} stale',
    'push_time_seconds{job="j"} stale',
    'push_failure_time_seconds{job="j"} stale',
  ]);
  expect(await push(it.url(), "j", "", { method: "DELETE", body: null })).toBe("202 ");
  await it.clock.advance(60_000);
  expect(it.sent()).toEqual([]);
  expect(it.metrics.groups).toBe(0);
});

test("pushes within a millisecond have times of their own", async () => {
  await using it = await receiving();
  for (const value of [1, 2, 3]) await push(it.url(), "j", `a ${value}\n`);
  expect(it.sent().filter((line) => line.startsWith("a"))).toEqual([
    `a{job="j"} 1 ${noon}`,
    `a{job="j"} 2 ${noon + 1}`,
    `a{job="j"} 3 ${noon + 2}`,
  ]);
});

test("a group ends by markers when its time to live is over", async () => {
  await using it = await receiving({ push_ttl: "1m" });
  await push(it.url(), "j", "a 1\n");
  await push(it.url(), "k", "a 1\n");
  await it.clock.advance(30_000);
  await push(it.url(), "k", "a 2\n");
  it.sent();
  await it.clock.advance(30_000);
  const at = noon + 60_000;
  expect(it.sent()).toEqual([
    `a{job="k"} 2 ${at}`,
    `push_time_seconds{job="k"} 1.76722563e+09 ${at}`,
    `push_failure_time_seconds{job="k"} 0 ${at}`,
    `a{job="j"} stale ${at}`,
    `push_time_seconds{job="j"} stale ${at}`,
    `push_failure_time_seconds{job="j"} stale ${at}`,
  ]);
});

test("a push that cannot be taken is refused as the Pushgateway refuses it, and noted in its group", async () => {
  await using it = await receiving();
  const prefix = "400 pushed metrics are invalid or inconsistent with existing metrics: ";
  await push(it.url(), "j", "a 1\n");
  it.sent();
  expect(await push(it.url(), "j", "a 2 1767225600000\n")).toBe(`${prefix}pushed metrics must not have timestamps\n`);
  expect(it.sent()).toEqual([
    `a{job="j"} 1 ${noon + 1}`,
    `push_time_seconds{job="j"} 1.7672256e+09 ${noon + 1}`,
    `push_failure_time_seconds{job="j"} 1.7672256e+09 ${noon + 1}`,
  ]);
  expect(await push(it.url(), "j", 'a{x="1"} 1\na{x="1"} 2\n')).toBe(`${prefix}a comes twice with the same labels\n`);
  expect(await push(it.url(), "j/x/1", "a 1\n")).toBe("200 ");
  expect(await push(it.url(), "j", 'a{x="1"} 1\n')).toBe(
    `${prefix}the series {__name__="a", job="j", x="1"} is in the group {job="j", x="1"} already\n`,
  );
  expect(await push(it.url(), "j", "a{ 1\n")).toMatch(/^400 line 1: /);
  expect(await push(it.url(), "j/x", "a 1\n")).toBe('400 odd number of components in label string "/x"\n');
  expect(await told(`${it.url()}/metrics/job/j`)).toBe("405 push by PUT or POST, remove by DELETE\n");
  expect(await push(it.url(), "j", "a 1\n", { headers: { "content-encoding": "br" } })).toBe(
    '415 the Content-Encoding is "br"; accepted is gzip\n',
  );
});

test("a series that has left its group may be in another one", async () => {
  await using it = await receiving();
  expect(await push(it.url(), "j", 'a{x="1"} 1\n')).toBe("200 ");
  expect(await push(it.url(), "j/x/1", "a 2\n")).toMatch(/^400 /);
  expect(await push(it.url(), "j", "b 1\n")).toBe("200 ");
  expect(await push(it.url(), "j/x/1", "a 2\n")).toBe("200 ");
  await push(it.url(), "j/x/1", "", { method: "DELETE", body: null });
  expect(await push(it.url(), "j", 'a{x="1"} 1\n')).toBe("200 ");
});

test("what is pushed under the names of the push times is passed over", async () => {
  await using it = await receiving();
  await push(it.url(), "j", "push_time_seconds 1\npush_failure_time_seconds 2\na 1\n");
  expect(it.sent()).toEqual([
    `a{job="j"} 1 ${noon}`,
    `push_time_seconds{job="j"} 1.7672256e+09 ${noon}`,
    `push_failure_time_seconds{job="j"} 0 ${noon}`,
  ]);
});

test("a body may be gzip, but no bomb", async () => {
  await using it = await receiving({ max_request_size: "1KiB" });
  const headers = { "content-encoding": "gzip" };
  const zipped = (text: string) => ({ body: gzipSync(text), headers });
  expect(await push(it.url(), "j", "", zipped("a 1\n"))).toBe("200 ");
  expect(await push(it.url(), "j", "", zipped("# ".repeat(5000)))).toBe(
    "413 the body is too large: more than 1024 bytes when decompressed (max_request_size)\n",
  );
  expect(await push(it.url(), "j", "a 1\n", { headers })).toBe(
    "400 cannot decompress the body: incorrect header check\n",
  );
});

test("protobuf is taken", async () => {
  await using it = await receiving();
  // MetricFamily: name "g", type gauge, one metric with a gauge of 1.5.
  const family = Buffer.from([0x0a, 1, 0x67, 0x18, 1, 0x22, 11, 0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
  const body = Buffer.concat([Buffer.from([family.length]), family]);
  const headers = {
    "content-type": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
  };
  expect(await push(it.url(), "j", "", { body, headers })).toBe("200 ");
  expect(it.sent()[0]).toBe(`g{job="j"} 1.5 ${noon}`);
});

test("groups hold so many series and no more", async () => {
  await using it = await receiving({ max_pushed_series: 5 });
  expect(await push(it.url(), "j", "a 1\nb 1\nc 1\n")).toBe("200 ");
  expect(await push(it.url(), "k", "a 1\n")).toBe("413 there would be 8 pushed series; max_pushed_series is 5\n");
  expect(it.metrics.groups).toBe(1);
});

test("a push that the receivers do not take is the client's to repeat; the interval goes on", async () => {
  await using it = await receiving();
  const { answer } = it;
  it.answer = () => Promise.reject(new Error("the queue is full"));
  expect(await push(it.url(), "j", "a 1\n")).toBe("503 not written, send it again: the queue is full\n");
  await it.clock.advance(60_000);
  expect(it.logs.map(({ message }) => message)).toEqual(["pushed metrics could not be sent again"]);
  it.answer = answer;
  await it.clock.advance(30_000);
  expect(it.sent()[0]).toBe(`a{job="j"} 1 ${noon + 90_000}`);
});

test("groups, and the table of series, outlive a thousand batch jobs that come and go", async () => {
  await using it = await receiving();
  await push(it.url(), "stays", "a 1\n");
  for (let run = 0; run < 400; run++) {
    await push(it.url(), `run${run}`, "a 1\n");
    await push(it.url(), `run${run}`, "", { method: "DELETE", body: null });
  }
  it.sent();
  await it.clock.advance(30_000);
  expect(it.sent()).toEqual([
    `a{job="stays"} 1 ${noon + 30_000}`,
    `push_time_seconds{job="stays"} 1.7672256e+09 ${noon + 30_000}`,
    `push_failure_time_seconds{job="stays"} 0 ${noon + 30_000}`,
  ]);
});

test("a reload keeps the groups, takes new limits, and moves to a new address", async () => {
  await using it = await receiving();
  await push(it.url(), "j", "a 1\n");
  const { port } = new URL(it.url());
  const settings = { listen_address: "127.0.0.1:0", push_interval: "10s", max_pushed_series: 4 };
  it.running.update?.(prometheusReceiveHttp.config.parse(settings));
  expect(new URL(it.url()).port).toBe(port);
  expect(await push(it.url(), "k", "a 1\nb 1\n")).toMatch(/^413 /);
  const moved = await freePort();
  const listening = it.healthSet();
  it.running.update?.(prometheusReceiveHttp.config.parse({ ...settings, listen_address: `127.0.0.1:${moved}` }));
  await listening;
  expect(it.url()).toBe(`http://127.0.0.1:${moved}`);
  it.sent();
  expect(await push(it.url(), "j", "a 2\n")).toBe("200 ");
  expect(it.sent()[0]).toBe(`a{job="j"} 2 ${noon + 1}`);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});

test("a port that is taken is told and tried again", async () => {
  await using taken = await startHttpServer(() => {});
  await using it = await receiving({ listen_address: `127.0.0.1:${taken.port}` });
  const reason = `cannot listen on 127.0.0.1:${taken.port}: the address is in use (is another sonde running? set listen_address)`;
  expect(it.health()).toEqual({ state: "unhealthy", reason });
  expect(it.logs).toEqual([{ level: "error", message: "metrics cannot be received", fields: { reason } }]);
  await taken.close();
  const listening = it.healthSet();
  await it.clock.advance(1100);
  await listening;
  expect(it.health()).toEqual({ state: "healthy" });
});

test("a web config file guards both APIs", async () => {
  using dir = tempDir();
  writeFileSync(
    join(dir.path, "web.yml"),
    'basic_auth_users: { agent: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" }\n',
  );
  await using it = await receiving({ web_config_file: "web.yml" }, dir.path);
  const authorization = `Basic ${Buffer.from("agent:U*U").toString("base64")}`;
  expect(await push(it.url(), "j", "a 1\n")).toBe("401 Unauthorized\n");
  expect((await write(it.url(), writeRequestV1([series("a")]))).status).toBe(401);
  expect(await push(it.url(), "j", "a 1\n", { headers: { authorization } })).toBe("200 ");
  expect((await write(it.url(), writeRequestV1([series("a")]), { authorization })).status).toBe(204);
});
