import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { realDisk } from "../../src/lib/disk-real.ts";
import { decodeWriteRequest } from "../reference/remote-write.ts";
import { type AppServer, startAppServer } from "../support/app-server.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { TestProcess } from "../support/process.ts";
import { drain, openQueue } from "../support/queue-harness.ts";
import { startReceiver } from "../support/receiver.ts";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

/** SIGKILLs in a row. Another number by environment, for a night. */
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
  },
  patience,
);

/** Answers as a receiver in trouble does, takes what it takes, and remembers when. */
async function startMoodySink() {
  const taken: { readonly number: number; readonly time: number; readonly isTold: boolean }[] = [];
  let turn = 0;
  const server = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [series] = decodeWriteRequest(uncompress(Buffer.concat(chunks)));
      const number = new Float64Array(BigUint64Array.of(series?.samples[0]?.bits ?? 0n).buffer)[0] ?? -1;
      const mood = (turn++ * 7919) % 23;
      if (mood === 1) return void response.writeHead(503).end("not now");
      if (mood === 2) return void response.writeHead(429, { "Retry-After": "0" }).end();
      if (mood === 3) return void request.socket.resetAndDestroy();
      // The receiver has it, and the sender does not know.
      taken.push({ number, time: performance.now(), isTold: mood !== 4 });
      if (mood === 4) return void request.socket.destroy();
      response.writeHead(204).end();
    });
  });
  return { ...server, taken };
}

test(
  "whenever a process is killed while it sends to a receiver in trouble: all arrives, in order, and little of it twice",
  async () => {
    using dir = tempDir();
    await using sink = await startMoodySink();
    const lines: string[] = [];
    let mayRepeat = 0;
    for (let life = 0; life < kills; life++) {
      const first = numbersAfter("accepted", lines).at(-1) ?? -1;
      const program = join(import.meta.dirname, "../support/sending-process.ts");
      const child = new TestProcess(process.execPath, [program, dir.path, String(first + 1), `${sink.url}/`]);
      await child.output(new RegExp(`^accepted ${first + 30 + ((life * 37) % 100)}$`, "m"));
      child.kill("SIGKILL");
      lines.push(...(await child.exited).stdout.split("\n"));
      // A cursor is saved once a second, and a second is long on a machine that is busy.
      const killed = performance.now();
      mayRepeat += sink.taken.filter(({ time }) => killed - time < 2000).length + 1;
    }
    const accepted = numbersAfter("accepted", lines);
    const program = join(import.meta.dirname, "../support/sending-process.ts");
    await using _ = new TestProcess(process.execPath, [
      program,
      dir.path,
      String((accepted.at(-1) ?? 0) + 1),
      `${sink.url}/`,
    ]);
    const numbers = () => new Set(sink.taken.map(({ number }) => number));
    await eventually(() => expect(accepted.filter((number) => !numbers().has(number))).toEqual([]), 120_000);
    const firsts = [...numbers()];
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
    const untold = sink.taken.filter(({ isTold }) => !isTold).length;
    expect(sink.taken.length - firsts.length).toBeLessThanOrEqual(mayRepeat + untold);
    expect(lines.filter((line) => !/^(accepted [0-9]+|)$/.test(line))).toEqual([]);
  },
  patience,
);

function numbersAfter(word: string, lines: readonly string[]): number[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(" ")[1]));
}
