import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realDisk } from "../../src/lib/disk-real.ts";
import { type AppServer, startAppServer } from "../support/app-server.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/http-server.ts";
import { TestProcess } from "../support/process.ts";
import { drain, openQueue } from "../support/queue-harness.ts";
import { startReceiver } from "../support/receiver.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** SIGKILLs in a row. Another number by environment, for a night. */
const kills = Number(process.env.SONDE_KILLS ?? 25);

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

test("whenever a process is killed: all that its queue had accepted comes out", async () => {
  using dir = tempDir();
  const lines: string[] = [];
  for (let life = 0; life < kills; life++) {
    const first = numbersAfter("accepted", lines).at(-1) ?? -1;
    const program = join(import.meta.dirname, "../support/queue-process.ts");
    const child = new TestProcess(process.execPath, [program, dir.path, String(first + 1)]);
    await child.output(new RegExp(`^accepted ${first + 50 + ((life * 37) % 400)}$`, "m"));
    child.kill("SIGKILL");
    lines.push(...(await child.exited).stdout.split("\n"));
  }
  await using rest = openQueue(realDisk, dir.path, ["sink"]);
  await rest.append("0");
  const delivered = numbersAfter("delivered", lines);
  const all = new Set([...delivered, ...(await drain(rest.queue.reader("sink"))).map(Number)]);
  const accepted = numbersAfter("accepted", lines);
  expect(accepted.length).toBeGreaterThan(kills * 50);
  expect(accepted.filter((number) => !all.has(number))).toEqual([]);
  expect(lines.filter((line) => !/^(accepted [0-9]+|delivered [0-9]+|)$/.test(line))).toEqual([]);
  expect(rest.drops).toEqual([]);
}, 300_000);

function numbersAfter(word: string, lines: readonly string[]): number[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(" ")[1]));
}
