import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** One file for both; only the address that samples are sent to differs. */
function config(target: string, receiver: string): string {
  return `
global:
  scrape_interval: 1s
  scrape_timeout: 1s
  external_labels: { region: west, who: "\${SONDE_TEST_WHO}" }
scrape_configs:
  - job_name: app
    params: { seen: [yes, twice] }
    static_configs:
      - { targets: ["${target}"], labels: { env: test } }
    relabel_configs:
      - { source_labels: [job, __scheme__, __param_seen], target_label: all }
      - { source_labels: [__scrape_interval__], target_label: every }
    metric_relabel_configs:
      - { source_labels: [__name__], regex: secret_.*, action: drop }
  - job_name: probes
    metrics_path: /probe
    static_configs:
      - targets: [one.example, two.example, gone.example]
    relabel_configs:
      - { source_labels: [__address__], regex: gone.*, action: drop }
      - { source_labels: [__address__], target_label: __param_target }
      - { source_labels: [__param_target], target_label: instance }
      - { target_label: __address__, replacement: "${target}" }
  - job_name: files
    file_sd_configs: [{ files: ["targets/*.yml"] }]
    relabel_configs:
      - { source_labels: [__meta_filepath], regex: ".*/(.*)", target_label: file }
      - { regex: job, action: labeldrop }
remote_write:
  - url: ${receiver}
    metadata_config: { send: false }
    queue_config: { batch_send_deadline: 100ms }
    write_relabel_configs:
      - { source_labels: [__name__], regex: written_off, action: drop }
`;
}

await describeWithServers("a prometheus.yml run by Sonde beside the real Prometheus", ["prometheus"], () => {
  test("sends the same series with the same values", async () => {
    await using target = await startHttpServer(({ url }, response) => {
      const of = new URL(url ?? "/", "http://t").searchParams.get("target") ?? "";
      response
        .writeHead(200, { "Content-Type": "text/plain; version=0.0.4" })
        .end(`seen{by="page"} 1\nsecret_a 2\nwritten_off 3\nprobe_of{target="${of}"} 4\n`);
    });
    await using ours = await startReceiver();
    await using theirs = await startReceiver();
    const { host } = new URL(target.url);
    using dir = tempDir();
    const path = join(dir.path, "prometheus.yml");
    writeFileSync(path, config(host, ours.url));
    mkdirSync(join(dir.path, "targets"));
    writeFileSync(join(dir.path, "targets/a.yml"), `- { targets: ["${host}"], labels: { from: file } }\n`);
    await using _sonde = await startSonde(path, { SONDE_TEST_WHO: "" });
    const theirConfig = config(host, theirs.url).replace("targets/*.yml", join(dir.path, "targets/*.yml"));
    await using _prometheus = await startPrometheus({ config: theirConfig });

    const [a, b] = await Promise.all([ours, theirs].map(seriesOf));
    expect(a).toEqual(b);
    expect(a?.filter((series) => series.startsWith("up{"))).toHaveLength(4);
  }, 60_000);
});

/** Each series with its value, once the `up` of all targets has been seen; durations are measurements. */
function seriesOf(receiver: TestReceiver): Promise<string[]> {
  return eventually(() => {
    const series = new Set(receiver.samples.map((sample) => sample.replace(/ @\d+$/s, "")));
    const up = [...series].filter((each) => /^up\{.* 1$/.test(each));
    const reports = [...series].filter((each) => /^scrape_series_added\{.* 0$/.test(each));
    if (up.length < 4 || reports.length < 4) throw new Error(`only ${up.length} targets are up yet`);
    return [...series]
      .map((each) => each.replace(/^(scrape_duration_seconds\{.*\}) .*/, "$1"))
      .toSorted()
      .filter((each, at, all) => each !== all[at - 1]);
  });
}
