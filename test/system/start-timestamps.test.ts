import { expect, test } from "vitest";
import { formatLabels } from "../../src/signals/labels.ts";
import * as clientModel from "../corpus/client-model.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSondeWith } from "../support/sonde.ts";

/** Values are never 0, which is what Prometheus writes at the start. */
function openMetrics(since: number): string {
  return `\
# TYPE c counter
c_total{a="1",b="x"} 5
c_created{a="1",b="x"} ${since / 1000}
c_total{a="2",b="x"} 6
c_created{a="2",b="x"} ${(since + 1) / 1000}
# TYPE d counter
d_total 1
# TYPE h histogram
h_bucket{le="1.0"} 1
h_bucket{le="+Inf"} 3
h_count 3
h_sum 2
h_created ${(since + 2) / 1000}
# TYPE s summary
s{quantile="0.5"} 1
s_count 3
s_sum 2
s_created ${(since + 3) / 1000}
# TYPE g gauge
g_created 5
# EOF
`;
}

function protobuf(since: number): Buffer {
  const created = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 });
  const distribution = { sample_count: 3, sample_sum: 2 };
  return clientModel.encodeFamilies(
    {
      name: "c",
      type: clientModel.familyTypes.counter,
      metric: [{ counter: { value: 5, created_timestamp: created(since) } }],
    },
    { name: "d", type: clientModel.familyTypes.counter, metric: [{ counter: { value: 1 } }] },
    clientModel.histogram("h", {
      ...distribution,
      bucket: [{ cumulative_count: 1, upper_bound: 1 }],
      created_timestamp: created(since + 2),
    }),
    {
      name: "s",
      type: clientModel.familyTypes.summary,
      metric: [{ summary: { ...distribution, created_timestamp: created(since + 3) } }],
    },
    clientModel.gauge("g_created", 5),
  );
}

const protobufType =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; charset=utf-8";
const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** By series, but for those of the scrape itself: since when it counts; undefined where that was not sent. */
type Starts = Record<string, number | undefined>;

function startsAt(receiver: TestReceiver, startOf: (sample: Sample) => number | undefined): Starts {
  const starts: Starts = {};
  for (const { labels, samples } of receiver.requests.flatMap(({ series }) => series)) {
    const name = formatLabels(labels.filter(([label]) => label !== "instance" && label !== "job").flat());
    if (/"(up|scrape_.*)"/.test(name)) continue;
    for (const sample of samples) starts[name] = startOf(sample) ?? starts[name];
  }
  return starts;
}

type Sample = TestReceiver["requests"][number]["series"][number]["samples"][number] & {
  readonly startTimestamp?: number;
};

await describeWithServers("start timestamps", ["prometheus"], () => {
  test.each([
    ["OpenMetrics", openMetricsType, openMetrics, 9],
    ["protobuf", protobufType, protobuf, 9],
  ] as const)(
    "of %s are those at which Prometheus writes zeros",
    async (_format, contentType, page, count) => {
      let since = 0;
      await using upstream = await startReceiver();
      await using app = await startHttpServer((_, response) => {
        // Prometheus sends nothing that is older than its sending, which begins some time after its scrapes.
        if (upstream.requests.length === 0) return void response.writeHead(503).end();
        since ||= Date.now() - 10;
        response.setHeader("content-type", contentType).end(page(since));
      });
      await using receiver = await startReceiver();
      receiver.answer({ status: 204, headers: { "X-Prometheus-Remote-Write-Samples-Written": "1" } });
      const target = new URL(app.url).host;
      await using _prometheus = await startPrometheus({
        isAgent: true,
        flags: ["--enable-feature=created-timestamp-zero-ingestion"],
        config: `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["${target}"] }] }]
remote_write: [{ url: "${upstream.url}", queue_config: { batch_send_deadline: 100ms } }]
`,
      });
      const zeroAt = ({ bits, timestamp }: Sample) => (bits === 0n ? timestamp : undefined);
      await eventually(() => expect(Object.keys(startsAt(upstream, zeroAt)).length).toBeGreaterThanOrEqual(count));

      await using _sonde = await startSondeWith(`
prometheus.scrape.app:
  static_configs: [{ targets: ["${target}"] }]
  scrape_interval: 200ms
  scrape_start_timestamps: true
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 100ms }
  endpoints: [{ url: "${receiver.url}", protobuf_message: io.prometheus.write.v2.Request }]
`);
      const startOf = ({ startTimestamp }: Sample) => startTimestamp;
      await eventually(() => expect(startsAt(receiver, startOf)).toEqual(startsAt(upstream, zeroAt)));
      expect(Object.values(startsAt(receiver, startOf)).filter((start) => start !== undefined).length).toBeGreaterThan(
        6,
      );
    },
    60_000,
  );
});
