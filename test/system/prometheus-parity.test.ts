import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** The explicit timestamp lies ahead: Prometheus does not send what is older than its own start. */
const first = String.raw`# HELP plain Anything.
# TYPE plain gauge
plain 1
plain{empty=""} 7
 spaced{ a = "1" , b="2", } 	+2.5e-3
escaped{path="C:\\dir\n\"x\"\t"} 3
values{of="nan"} NaN
values{of="inf"} +Inf
values{of="-inf"} -Inf
values{of="tiny"} 1e-400
values{of="long"} 9007199254740993
values{of="hexless"} 017
# TYPE latency histogram
latency_bucket{le="1"} 1
latency_bucket{le="0.00001"} 1
latency_bucket{le="1000000"} 2
latency_bucket{le="+Inf"} 2
latency_sum 1.5
latency_count 2
# TYPE rpc summary
rpc{quantile="0.5"} 1
rpc{quantile="1"} 2
clash{job="theirs",instance="theirs",exported_job="taken"} 1
{"utf.8 name","label with space"="ü"} 5
twice 1
twice 2
stamped 4 ${Date.now() + 30_000}
vanishes 1
vanishes{of="two"} 2
`;

/** The same without some series (one of them had timestamps of its own, and gets no marker), with a new one, and with a value that moved. */
const second = `${first.replace(/^(vanishes|stamped).*\n/gm, "").replace("plain 1", "plain 2")}appears{n="1"} 1\n`;

await describeWithServers("prometheus.scrape beside a real Prometheus", ["prometheus"], () => {
  test("writes the same series, values, staleness markers and up, as the page changes, breaks and comes back", async () => {
    let page = { status: 200, body: first };
    await using target = await startHttpServer((_, response) => {
      response.writeHead(page.status, { "Content-Type": "text/plain; version=0.0.4" }).end(page.body);
    });
    await using ours = await startReceiver();
    await using theirs = await startReceiver();
    using dir = tempDir();
    const { host } = new URL(target.url);
    await using _sonde = await startSonde(sondeConfig(dir.path, host, ours.url));
    await using _prometheus = await startPrometheus({ config: prometheusConfig(host, theirs.url) });

    const compare = async (status: number, body: string, pattern: RegExp) => {
      page = { status, body };
      const [a, b] = await Promise.all([ours, theirs].map((receiver) => nextScrape(receiver, pattern)));
      expect(a).toEqual(b);
      return a ?? [];
    };

    const begun = await compare(200, first, /^up\{.* 1$/);
    expect(begun.length).toBeGreaterThan(25);
    for (const { samples } of [ours, theirs])
      expect(samples).toContainEqual(expect.stringMatching(/^stamped\{.*\} 4 @/));
    const changed = await compare(200, second, /^appears/);
    expect(changed.filter((sample) => sample.endsWith(" stale"))).toHaveLength(2);
    const broken = await compare(500, "", /^up\{.* 0$/);
    expect(broken.filter((sample) => sample.endsWith(" stale")).length).toBeGreaterThan(20);
    await compare(200, second, /^up\{.* 1$/);
    await compare(200, `${second}broken {{\n`, /^up\{.* 0$/);
    await compare(200, second, /^up\{.* 1$/);
  }, 60_000);
});

/**
 * The samples of the first scrape from now on that has one like `pattern`. It is whole when the next scrape begins to
 * arrive.
 * What has a timestamp of its own is looked at apart.
 */
async function nextScrape(receiver: TestReceiver, pattern: RegExp): Promise<string[]> {
  const from = receiver.samples.length;
  return eventually(() => {
    const samples = receiver.samples.slice(from).map(parseSample);
    const time = samples.find(({ text }) => pattern.test(text))?.time;
    if (time === undefined || !samples.some((sample) => sample.time > time && sample.time < time + 10_000)) {
      throw new Error(`no scrape with ${pattern} is complete yet`);
    }
    const scrape = samples.filter((sample) => sample.time === time).map(({ text }) => text);
    // Prometheus marks a series twice that the page spelled in two ways; for a receiver that is one marker.
    return [...new Set(scrape)].toSorted();
  });
}

function parseSample(sample: string): { text: string; time: number } {
  const [, text = "", time] = /^(.*) @(\d+)$/s.exec(sample) ?? [];
  const isDuration = text.startsWith("scrape_duration_seconds") && !text.endsWith(" stale");
  return { text: isDuration ? text.replace(/ \S+$/, " some seconds") : text, time: Number(time) };
}

function sondeConfig(dir: string, target: string, receiver: string): string {
  const path = join(dir, "sonde.yaml");
  writeFileSync(
    path,
    `
prometheus.scrape.app:
  static_configs: [{ targets: ["${target}"], labels: { env: test } }]
  job_name: app
  scrape_interval: 1s
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 100ms }
  endpoints: [{ url: "${receiver}" }]
`,
  );
  return path;
}

function prometheusConfig(target: string, receiver: string): string {
  return `
scrape_configs:
  - job_name: app
    scrape_interval: 1s
    scrape_timeout: 1s
    static_configs: [{ targets: ["${target}"], labels: { env: test } }]
remote_write:
  - url: ${receiver}
    metadata_config: { send: false }
    queue_config: { batch_send_deadline: 100ms }
`;
}
