import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AppServer, startAppServer } from "../support/app-server.ts";
import { eventually } from "../support/eventually.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { sonde, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

function config(app: AppServer, receiver: TestReceiver, { interval = "200ms", label = "a" } = {}): string {
  return `
prometheus.scrape.app:
  static_configs: [{ targets: ["${new URL(app.url).host}"] }]
  job_name: app
  scrape_interval: ${interval}
  forward_to: [prometheus.relabel.trim]
prometheus.relabel.trim:
  rules: [{ target_label: stage, replacement: "${label}" }]
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 50ms }
  endpoints: [{ url: "${receiver.url}" }]
`;
}

/** How many samples of `up` with this label have arrived. */
function ups(receiver: TestReceiver, label: string): number {
  return receiver.samples.filter((sample) => sample.startsWith("up{") && sample.includes(`stage="${label}"`)).length;
}

test("a reload that changes the scrape and the rules loses no sample, marks nothing stale and shows no target down", async () => {
  await using app = await startAppServer();
  await using receiver = await startReceiver();
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, config(app, receiver));
  await using agent = await startSonde(path);
  await eventually(() => expect(ups(receiver, "a")).toBeGreaterThan(2));

  writeFileSync(path, config(app, receiver, { interval: "100ms", label: "b" }));
  const reloaded = await sonde(["reload", "--http.listen-address", new URL(agent.url).host]).exited;
  expect(reloaded).toMatchObject({ code: 0, stdout: "0 started, 2 changed, 0 stopped, 1 untouched\n" });
  await eventually(() => expect(ups(receiver, "b")).toBeGreaterThan(4));

  const samples = receiver.samples.filter((sample) => sample.startsWith("up{"));
  expect(samples.filter((sample) => !/ 1 @\d+$/.test(sample))).toEqual([]);
  expect(receiver.samples.filter((sample) => sample.includes(" stale "))).toEqual([]);
  expect(await (await fetch(`${agent.url}/metrics`)).text()).not.toMatch(/^sonde_component_dropped_records_total\{/m);
});

test("a receiver that is down at the start gets everything, in order, once it is up", async () => {
  await using app = await startAppServer();
  const probe = await startReceiver();
  await probe.close();
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, config(app, probe));
  await using agent = await startSonde(path);
  await agent.process.output(/cannot deliver, retrying/);

  await using receiver = await startReceiver({ port: probe.port });
  await eventually(() => expect(ups(receiver, "a")).toBeGreaterThan(10));
  const times = receiver.samples
    .filter((sample) => sample.startsWith("up{"))
    .map((sample) => Number(sample.split("@")[1]));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const counted = /sonde_component_received_records_total\{component_id="prometheus.remote_write.central"\} (\d+)/;
  const scraped = counted.exec(await (await fetch(`${agent.url}/metrics`)).text());
  await eventually(() => expect(receiver.samples.length).toBeGreaterThanOrEqual(Number(scraped?.[1])));
  expect(await (await fetch(`${agent.url}/metrics`)).text()).not.toMatch(
    /^prometheus_remote_storage_samples_dropped_total\{.*\} [1-9]/m,
  );
});
