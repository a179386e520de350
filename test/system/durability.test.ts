import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AppServer, startAppServer } from "../support/app-server.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { killWhileQueuing, killWhileSending } from "../support/kills.ts";
import { startReceiver } from "../support/receiver.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** SIGKILLs in a row. Another number by environment; `npm run bench:kills` has a thousand, and shows how far it is. */
const kills = Number(process.env.SONDE_KILLS ?? 25);
const patience = 300_000 + kills * 5000;

function config(app: AppServer, url: string): string {
  return `
prometheus.scrape.app:
  static_configs: [{ targets: ["${new URL(app.url).host}"] }]
  job_name: app
  scrape_interval: 50ms
  scrape_timeout: 50ms
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 10ms }
  endpoints: [{ url: "${url}", name: central, queue_config: { max_backoff: 200ms } }]
`;
}

/** An agent over a folder that stays when it is killed. */
async function start(path: string, storage: string) {
  const process = sonde(["run", path, "--storage.path", storage, "--http.listen-address", "127.0.0.1:0"]);
  const [, url = ""] = await process.output(/Look at +(http:\/\/\S+?)\/ /);
  return { process, url };
}

/** Samples in the queue, by what the agent says of itself. */
async function queued(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, pending] = /^prometheus_remote_storage_samples_pending\{[^}]*\} (\d+)/m.exec(text) ?? [];
  return Number(pending ?? 0);
}

test("a receiver that is down, and an agent that is killed: what the queue had accepted arrives, in order", async () => {
  await using app = await startAppServer();
  using dir = tempDir();
  const port = await freePort();
  const [path, storage] = [join(dir.path, "sonde.yaml"), join(dir.path, "data")];
  writeFileSync(path, config(app, `http://127.0.0.1:${port}/api/v1/write`));
  const first = await start(path, storage);
  const backlog = await eventually(async () => {
    const samples = await queued(first.url);
    expect(samples).toBeGreaterThan(100);
    return samples;
  });
  first.process.kill("SIGKILL");
  await first.process.exited;

  const killed = Date.now();

  await using receiver = await startReceiver({ port });
  const second = await start(path, storage);
  const times = () => receiver.samples.map((sample) => Number(sample.split("@")[1]));
  await eventually(() => expect(times().at(-1)).toBeGreaterThan(killed));
  await second.process.stop();
  expect(times().filter((time) => time < killed).length).toBeGreaterThanOrEqual(backlog);
  const ups = receiver.samples.filter((sample) => sample.startsWith("up{"));
  expect(ups).toEqual([...new Set(ups)].sort());
});

test(
  "whenever a process is killed: all that its queue had accepted comes out",
  async () => {
    const { accepted, lost, isInOrder, remarks } = await killWhileQueuing(kills);
    expect(accepted).toBeGreaterThan(kills * 50);
    expect({ lost, isInOrder, remarks }).toEqual({ lost: [], isInOrder: true, remarks: [] });
  },
  patience,
);

test(
  "whenever a process is killed while it sends to a receiver in trouble: all arrives, in order, and little of it twice",
  async () => {
    const { twice, mayComeTwice, lost, isInOrder, remarks } = await killWhileSending(kills);
    expect({ lost, isInOrder, remarks }).toEqual({ lost: [], isInOrder: true, remarks: [] });
    expect(twice).toBeLessThanOrEqual(mayComeTwice);
  },
  patience,
);
