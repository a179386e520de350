import { writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { uncompress } from "snappyjs";
import { describe, expect, test } from "vitest";
import { version } from "../../src/lib/version.ts";
import { compareUtf8 } from "../../src/signals/labels.ts";
import { decodeWriteRequest, nanBits, type SentSeries, staleBits } from "../reference/remote-write.ts";
import { decodeRequest, type SentSeries2 } from "../reference/remote-write-2.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** All that the format has, and what is easily got wrong. */
const page = `\
# HELP requests Requests\\nand "more" of \\\\ them.
# TYPE requests counter
requests_total{path="/käse",quote="a\\"b\\\\c\\nd"} 17 # {trace_id="abc",span_id="1"} 0.5
requests_created{path="/käse"} 1700000000.5
# HELP temperature_celsius It is warm.
# TYPE temperature_celsius gauge
# UNIT temperature_celsius celsius
temperature_celsius -3.25
temperature_celsius{kind="nan"} NaN
temperature_celsius{kind="inf"} +Inf
temperature_celsius{kind="minus"} -Inf
temperature_celsius{kind="zero"} 0
temperature_celsius{kind="tiny"} 4.9e-324
temperature_celsius{kind="huge"} 1.7976931348623157e308
temperature_celsius{kind="exact"} 0.1
temperature_celsius{kind="long",value="${"x".repeat(10_000)}"} 1
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{le="0.1"} 1
seconds_bucket{le="+Inf"} 3
seconds_sum 4.5
seconds_count 3
# TYPE sizes summary
sizes{quantile="0.5"} 1
sizes_sum 2
sizes_count 2
# TYPE name:with:colons gauge
name:with:colons 1
# EOF
`;

interface Captured {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: Buffer;
  readonly time: number;
}

/** Runs an agent against the page until so many requests have come, and ends it by SIGINT. */
async function capture(protobufMessage: string, count: number): Promise<Captured[]> {
  using dir = tempDir();
  const requests: Captured[] = [];
  await using app = await startHttpServer((_, response) =>
    response.setHeader("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8").end(page),
  );
  await using receiver = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const message = Buffer.from(uncompress(Buffer.concat(chunks)));
      requests.push({ method: request.method ?? "", headers: request.headers, message, time: Date.now() });
      response.setHeader("X-Prometheus-Remote-Write-Samples-Written", "1000").writeHead(204).end();
    });
  });
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(
    path,
    `
prometheus.scrape.app:
  static_configs: [{ targets: ["${new URL(app.url).host}"] }]
  job_name: app
  scrape_interval: 100ms
  scrape_timeout: 100ms
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 150ms }
  metadata_config: { send_interval: 300ms }
  endpoints: [{ url: "${receiver.url}/write", protobuf_message: ${protobufMessage} }]
`,
  );
  await using agent = sonde([
    "run",
    path,
    "--storage.path",
    join(dir.path, "data"),
    "--http.listen-address",
    "127.0.0.1:0",
  ]);
  await eventually(() => expect(requests.length).toBeGreaterThanOrEqual(count));
  agent.kill("SIGINT");
  expect((await agent.exited).code).toBe(0);
  return requests;
}

function checkHeaders({ method, headers, time }: Captured, type: string, protocol: string): void {
  expect({ method, ...headers }).toMatchObject({
    method: "POST",
    "content-type": type,
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": protocol,
    "user-agent": `sonde/${version}`,
  });
  expect(headers).not.toHaveProperty("retry-attempt");
  expect(time).toBeGreaterThan(0);
}

function checkSeries(series: SentSeries, { time }: Captured): void {
  const names = series.labels.map(([name]) => name);
  expect(names).toEqual([...new Set(names)].sort(compareUtf8));
  for (const [name, value] of series.labels) {
    expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    expect(value).not.toBe("");
    if (name !== "__name__") expect(name.startsWith("__")).toBe(false);
  }
  const labels = Object.fromEntries(series.labels);
  expect(labels.__name__).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
  expect(labels.job).toBe("app");
  expect(labels.instance).toMatch(/^127\.0\.0\.1:[0-9]+$/);
  const kinds = [series.samples, series.histograms, series.exemplars].filter(({ length }) => length > 0);
  expect(kinds.length).toBe(1);
  for (const { timestamp } of [...series.samples, ...series.exemplars]) {
    expect(Number.isInteger(timestamp)).toBe(true);
    expect(Math.abs(time - timestamp)).toBeLessThan(20_000);
  }
  for (const { bits } of series.samples) {
    // An agent that ends says nothing about its series: it may come back.
    expect(bits).not.toBe(staleBits);
    const isNotANumber = Number.isNaN(new Float64Array(BigUint64Array.of(bits).buffer)[0]);
    if (isNotANumber) expect(bits).toBe(nanBits);
  }
  for (const { labels: own } of series.exemplars) {
    expect(Object.fromEntries(own)).toEqual({ trace_id: "abc", span_id: "1" });
  }
}

/** In all requests together: samples of a series come oldest first, none twice, and their values are those of the page. */
function checkOrder(all: readonly SentSeries[]): void {
  const last = new Map<string, number>();
  for (const { labels, samples } of all) {
    const key = JSON.stringify(labels);
    for (const { timestamp } of samples) {
      expect(timestamp).toBeGreaterThan(last.get(key) ?? 0);
      last.set(key, timestamp);
    }
  }
  const value = (name: string, label = "", wanted = "") => {
    const found = all.find(({ labels, samples }) => {
      const record = Object.fromEntries(labels);
      return record.__name__ === name && (label === "" || record[label] === wanted) && samples.length > 0;
    });
    return new Float64Array(BigUint64Array.of(found?.samples[0]?.bits ?? 0n).buffer)[0];
  };
  expect(value("requests_total", "quote", 'a"b\\c\nd')).toBe(17);
  expect(value("requests_total", "path", "/käse")).toBe(17);
  const kinds = {
    nan: Number.NaN,
    inf: Infinity,
    minus: -Infinity,
    zero: 0,
    tiny: 5e-324,
    huge: Number.MAX_VALUE,
    exact: 0.1,
  };
  for (const [kind, expected] of Object.entries(kinds))
    expect(value("temperature_celsius", "kind", kind)).toBe(expected);
  expect(value("temperature_celsius", "value", "x".repeat(10_000))).toBe(1);
  for (const name of ["seconds_bucket", "seconds_sum", "sizes_count", "name:with:colons", "up"]) {
    expect(value(name)).toBeGreaterThan(0);
  }
  expect(all.some(({ exemplars }) => exemplars.length > 0)).toBe(true);
}

describe("every request of remote write 1.0", () => {
  test("is what the specification demands", async () => {
    const requests = await capture("prometheus.WriteRequest", 12);
    for (const request of requests) {
      checkHeaders(request, "application/x-protobuf", "0.1.0");
      const series = decodeWriteRequest(request.message);
      expect(series.length).toBeLessThanOrEqual(10_000);
      for (const each of series) {
        checkSeries(each, request);
        expect(each.samples.length + each.exemplars.length).toBe(1);
      }
    }
    checkOrder(requests.flatMap(({ message }) => decodeWriteRequest(message)));
  });
});

describe("every request of remote write 2.0", () => {
  test("is what the specification demands", async () => {
    const requests = await capture("io.prometheus.write.v2.Request", 12);
    const all: SentSeries2[] = [];
    for (const request of requests) {
      checkHeaders(request, "application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0");
      const series = decodeRequest(request.message);
      expect(series.length).toBeGreaterThan(0);
      for (const each of series) {
        checkSeries(each, request);
        checkMetadata(each);
      }
      all.push(...series);
    }
    checkOrder(all);
  });

  const families = {
    requests: { type: 1, help: 'Requests\nand "more" of \\ them.', unit: "" },
    temperature_celsius: { type: 2, help: "It is warm.", unit: "celsius" },
    seconds: { type: 3, help: "How long.", unit: "" },
    sizes: { type: 5, help: "", unit: "" },
    "name:with:colons": { type: 2, help: "", unit: "" },
  };

  function checkMetadata({ labels, metadata }: SentSeries2): void {
    const name = labels.find(([label]) => label === "__name__")?.[1] ?? "";
    const family = name.replace(/_(total|created|bucket|sum|count)$/, "");
    if (family in families) expect(metadata).toEqual(families[family as keyof typeof families]);
    else expect(name).toMatch(/^(up|scrape_.*)$/);
  }
});
