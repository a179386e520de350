import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labelsFrom } from "../../src/signals/labels.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const second = "io.prometheus.write.v2.Request";

await describeWithServers("prometheus.receive_http behind a real Prometheus agent", ["prometheus"], () => {
  test.each(["prometheus.WriteRequest", second])(
    "passes %s on: the same samples, stale markers and native histograms as a receiver of its own gets",
    async (message) => {
      let goneToo = true;
      await using target = await startHttpServer((_, response) => {
        response.writeHead(200, { "Content-Type": protobufType }).end(page(goneToo));
      });
      await using direct = await startReceiver();
      await using through = await startReceiver();
      using dir = tempDir();
      const port = await freePort();
      await using _sonde = await startSonde(sondeConfig(dir.path, port, through.url, message));
      await using _prometheus = await startPrometheus({
        config: prometheusConfig(
          new URL(target.url).host,
          direct.url,
          `http://127.0.0.1:${port}/api/v1/metrics/write`,
          message,
        ),
        flags: ["--enable-feature=native-histograms"],
        isAgent: true,
      });
      await eventually(() =>
        expect(flowOf(direct).filter((line) => line.startsWith("gone{")).length).toBeGreaterThan(1),
      );
      goneToo = false;
      await eventually(() => expect(flowOf(direct)).toContainEqual(expect.stringMatching(/^gone\{.* stale @/)));
      const wanted = flowOf(direct);
      const got = await eventually(() => {
        const all = new Set(flowOf(through));
        for (const line of wanted) if (!all.has(line)) throw new Error(`not passed on yet: ${line}`);
        return all;
      });
      expect(wanted.filter((line) => line.startsWith("latency{")).length).toBeGreaterThan(1);
      const custom = wanted.filter((line) => /^sizes\{.*"customValues":\[0.5,1\]/.test(line));
      expect(custom.length > 0).toBe(message === second);
      // What has come through meanwhile, and is not in the list of what the agent has sent by now, was made up.
      await eventually(() => {
        const sent = new Set(flowOf(direct));
        expect([...got].filter((line) => !sent.has(line))).toEqual([]);
      });
    },
    60_000,
  );
});

/** Everything in the requests, as lines: a series with its sample or its histogram. */
function flowOf(receiver: TestReceiver): string[] {
  return receiver.requests
    .flatMap(({ series }) =>
      series.flatMap(({ labels, histograms }) =>
        histograms.map(({ histogram, timestamp }) => {
          const text = JSON.stringify(histogram, (_, value) => (typeof value === "bigint" ? `${value}` : value));
          return `${nameOf(labels)}${JSON.stringify(labelsFrom(Object.fromEntries(labels)))} ${text} @${timestamp}`;
        }),
      ),
    )
    .concat(receiver.samples);
}

function nameOf(labels: readonly (readonly [string, string])[]): string {
  return `${labels.find(([name]) => name === "__name__")?.[1] ?? ""}{`;
}

const protobufType = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/** Two gauges, one of which goes away, a native histogram and a classic one, as MetricFamily messages. */
function page(withGone: boolean): Buffer {
  const gauge = (name: string, value: number) =>
    family(name, 1, message(2, Buffer.concat([Buffer.from([0x09]), double(value)])));
  const histogram = Buffer.concat([
    Buffer.from([0x08, 3, 0x11]),
    double(7.5), // sample_count, sample_sum
    Buffer.from([0x28, 2, 0x31]),
    double(0.001), // schema 1, zero_threshold
    Buffer.from([0x38, 1]), // zero_count
    message(12, Buffer.from([0x08, 2, 0x10, 2])), // positive_span: offset 1, length 2
    message(13, Buffer.from([2, 0])), // positive_delta: 1, 0
  ]);
  const bucket = (bound: number, count: number) =>
    message(3, Buffer.concat([Buffer.from([0x08, count, 0x11]), double(bound)]));
  const classic = Buffer.concat([Buffer.from([0x08, 3, 0x11]), double(7.5), bucket(0.5, 1), bucket(1, 2)]);
  return Buffer.concat([
    gauge("stays", 1.25),
    ...(withGone ? [gauge("gone", 2)] : []),
    family("latency", 4, message(7, histogram)),
    family("sizes", 4, message(7, classic)),
  ]);
}

function family(name: string, type: number, metric: Buffer): Buffer {
  const content = Buffer.concat([message(1, Buffer.from(name)), Buffer.from([0x18, type]), message(4, metric)]);
  return Buffer.concat([Buffer.from([content.length]), content]);
}

function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), content]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function sondeConfig(dir: string, port: number, receiver: string, message: string): string {
  const path = join(dir, "sonde.yaml");
  writeFileSync(
    path,
    `
prometheus.receive_http.agents:
  listen_address: "127.0.0.1:${port}"
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 100ms }
  endpoints: [{ url: "${receiver}", protobuf_message: ${message} }]
`,
  );
  return path;
}

function prometheusConfig(target: string, direct: string, through: string, protobufMessage: string): string {
  const how = `send_native_histograms: true, protobuf_message: ${protobufMessage}`;
  const queue = "{ batch_send_deadline: 100ms, max_shards: 1 }";
  return `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: app
    scrape_protocols: [PrometheusProto]
    # Their bounds have no place in the other message.
    convert_classic_histograms_to_nhcb: ${protobufMessage === second}
    static_configs: [{ targets: ["${target}"] }]
remote_write:
  - { url: "${direct}", ${how}, queue_config: ${queue} }
  - { url: "${through}", ${how}, queue_config: ${queue} }
`;
}
