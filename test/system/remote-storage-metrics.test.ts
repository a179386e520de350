import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startHttpServer } from "../support/http-server.ts";
import { startReceiver } from "../support/receiver.ts";
import { startPrometheus } from "../support/servers.ts";
import { startSondeWith } from "../support/sonde.ts";

/** What Prometheus has and a queue on disk has not, and why. */
const absent: Readonly<Record<string, string>> = {
  prometheus_remote_storage_enqueue_retries_total: "a shard is never full: its queue is on disk",
  prometheus_remote_storage_shard_capacity: "a shard is bounded by bytes, not by samples",
  prometheus_remote_storage_exemplars_pending: "what waits in a block is not told apart: they count as samples_pending",
  prometheus_remote_storage_histograms_pending: "the same",
  prometheus_remote_storage_string_interner_zero_reference_releases_total: "there is no such interner",
};

/** By metric: its type, and the names of its labels, `component_id` apart, which all of an agent's have. */
async function remoteStorage(url: string): Promise<Record<string, string>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const types = [...page.matchAll(/^# TYPE (prometheus_remote_storage_\S+) (\S+)$/gm)];
  return Object.fromEntries(
    types.map(([, name = "", type = ""]) => {
      const suffix = type === "histogram" ? "_count" : "";
      const [, labels = ""] = new RegExp(`^${name}${suffix}(?:\\{(.*)\\})? `, "m").exec(page) ?? [];
      const names = [...labels.matchAll(/(\w+)="/g)]
        .map(([, label]) => label)
        .filter((label) => label !== "component_id");
      return [name, `${type} by ${names.sort().join(", ")}`];
    }),
  );
}

await describeWithServers("metrics of the remote storage", ["prometheus"], () => {
  test("have the names, types and labels of Prometheus'", async () => {
    await using receiver = await startReceiver();
    await using app = await startHttpServer((_, response) =>
      response.setHeader("content-type", "text/plain").end("# TYPE m counter\nm 1\n"),
    );
    const target = new URL(app.url).host;
    await using prometheus = await startPrometheus({
      isAgent: true,
      config: `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ["${target}"] }] }]
remote_write: [{ url: "${receiver.url}", queue_config: { batch_send_deadline: 100ms } }]
`,
    });
    await using sonde = await startSondeWith(`
prometheus.scrape.app:
  static_configs: [{ targets: ["${target}"] }]
  scrape_interval: 200ms
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 100ms }
  endpoints: [{ url: "${receiver.url}" }]
`);
    const upstream = await remoteStorage(prometheus.url);
    expect(Object.keys(upstream).length).toBeGreaterThan(25);
    expect(Object.keys(absent).filter((name) => !(name in upstream))).toEqual([]);
    const wanted = Object.fromEntries(Object.entries(upstream).filter(([name]) => !(name in absent)));
    await eventually(async () => expect(await remoteStorage(sonde.url)).toMatchObject(wanted));
  });
});
