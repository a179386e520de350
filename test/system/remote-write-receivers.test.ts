import { expect, test } from "vitest";
import { type AppServer, startAppServer } from "../support/app-server.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { type Prometheus, startPrometheus, startVictoriaMetrics } from "../support/servers.ts";
import { startSondeWith } from "../support/sonde.ts";

const first = "prometheus.WriteRequest";
const second = "io.prometheus.write.v2.Request";

/** Runs an agent that scrapes the app and sends it to the receiver, while `look` looks. */
async function sendTo(
  receiver: Prometheus,
  app: AppServer,
  message: string,
  look: (metric: (name: string) => Promise<number>, url: string) => Promise<void>,
): Promise<void> {
  await using agent = await startSondeWith(`
prometheus.scrape.app:
  static_configs: [{ targets: ["${new URL(app.url).host}"] }]
  job_name: app
  scrape_interval: 200ms
  scrape_timeout: 200ms
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  external_labels: { env: test }
  queue_config: { batch_send_deadline: 200ms }
  metadata_config: { send_interval: 500ms }
  endpoints: [{ url: "${receiver.url}/api/v1/write", name: central, protobuf_message: ${message} }]
`);
  await look(async (name) => {
    const text = await (await fetch(`${agent.url}/metrics`)).text();
    const values = [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} ([0-9.e+]+)$`, "gm"))].map(([, value]) =>
      Number(value),
    );
    return values.reduce((sum, value) => sum + value, 0);
  }, agent.url);
}

/** All that was sent is there, and none of it was refused. */
async function arrives(receiver: Prometheus, message: string): Promise<void> {
  await using app = await startAppServer();
  app.record("GET", 200, 0.3);
  app.record("POST", 500, 0.02);
  await sendTo(receiver, app, message, async (metric) => {
    await eventually(async () => {
      expect(await receiver.query('sum(http_requests_total{job="app",env="test"})')).toMatchObject([{ value: 2 }]);
      expect(await receiver.query('up{job="app",env="test"}')).toMatchObject([{ value: 1 }]);
      const samples = await receiver.query('count_over_time(up{job="app"}[1m])');
      expect(samples[0]?.value).toBeGreaterThan(5);
    });
    expect(await metric("prometheus_remote_storage_samples_failed_total")).toBe(0);
    expect(await metric("prometheus_remote_storage_samples_retried_total")).toBe(0);
    expect(await metric("prometheus_remote_storage_samples_total")).toBeGreaterThan(50);
    expect(await metric("prometheus_remote_storage_metadata_failed_total")).toBe(0);
  });
}

await describeWithServers("the real Prometheus as a receiver", ["prometheus"], () => {
  test.each([first, second])("takes %s", async (message) => {
    await using receiver = await startPrometheus();
    await arrives(receiver, message);
  });
});

await describeWithServers("the real VictoriaMetrics as a receiver", ["victoria-metrics"], () => {
  test("takes remote write 1.0, and what it says about metric families", async () => {
    await using receiver = await startVictoriaMetrics();
    await arrives(receiver, first);
  });

  test("gets 1.0, or waits with a reason, where it is asked for 2.0 and does not know it: nothing is lost", async () => {
    await using receiver = await startVictoriaMetrics();
    await using app = await startAppServer();
    app.record("GET", 200, 0.3);
    await sendTo(receiver, app, second, async (metric, url) => {
      await eventually(async () => {
        const { data } = (await (await fetch(`${url}/api/v1/queues`)).json()) as { data: { endpoints: object[] }[] };
        const series = await receiver.query('up{job="app"}');
        expect(series.length > 0 || JSON.stringify(data).includes("does not speak remote write 2.0")).toBe(true);
      });
      expect(await metric("prometheus_remote_storage_samples_failed_total")).toBe(0);
      expect(await metric("prometheus_remote_storage_samples_dropped_total")).toBe(0);
    });
  });
});
