import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { uncompress } from "snappyjs";
import { decodeWriteRequest } from "../test/reference/remote-write.ts";
import { freePort, startHttpServer } from "../test/support/http-server.ts";
import { TestProcess } from "../test/support/process.ts";
import { tempDir } from "../test/support/temp-dir.ts";
import { type Agent, agents } from "./agents/agents.ts";

/**
 * What agents lose when their receiver is down and they are ended meanwhile. Each scrapes a page that says its own number,
 * once a second:
 *
 *     receiver   up ──5 s──┐ down ───────── 40 s ─────────┌ up ── until all is there, or nothing new for 90 s
 *     agent      ──────────────────── SIGTERM or SIGKILL, started again at once ────────────────────
 *
 * A page that was served, and whose number never arrives, is lost.
 */
const secondsUp = 5;
const secondsDown = Number(process.argv[2] ?? 40);

const outcomes: Outcome[] = [];
for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  outcomes.push(...(await Promise.all(agents.map((agent) => outage(agent, signal)))));
}
console.log(`Receiver down for ${secondsDown} s, the agent ended and started again in the middle of it:\n`);
console.log("| agent | ended by | pages served | lost | arrived twice |\n| --- | --- | --- | --- | --- |");
for (const { name, signal, served, lost, twice } of outcomes) {
  console.log(`| ${name} | ${signal} | ${served} | ${lost} | ${twice} |`);
}

interface Outcome {
  readonly name: string;
  readonly signal: string;
  readonly served: number;
  readonly lost: number;
  readonly twice: number;
}

async function outage(agent: Agent, signal: "SIGTERM" | "SIGKILL"): Promise<Outcome> {
  using dir = tempDir();
  const storage = join(dir.path, "data");
  mkdirSync(storage);
  const arrived: number[] = [];
  let served = 0;
  await using page = await startHttpServer((_, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4").end(`page_number ${++served}\n`);
  });
  const port = await freePort();
  const { command, args } = await agent.prepare({
    dir: dir.path,
    storage,
    targets: [`127.0.0.1:${page.port}`],
    intervalSeconds: 1,
    receiver: `http://127.0.0.1:${port}/api/v1/write`,
  });
  const start = () => new TestProcess(command, args, { cwd: dir.path });
  let receiver = await startReceiver(port, arrived);
  let child = start();
  await pause(secondsUp * 1000);
  await receiver.close();
  await pause((secondsDown / 2) * 1000);
  child.kill(signal);
  await child.exited;
  child = start();
  await pause((secondsDown / 2) * 1000);
  receiver = await startReceiver(port, arrived);
  const before = served;
  await untilQuiet(arrived, before);
  child.kill("SIGKILL");
  await child.exited;
  await receiver.close();
  const numbers = new Set(arrived);
  const lost = Array.from({ length: before }, (_, at) => at + 1).filter((number) => !numbers.has(number)).length;
  return { name: agent.name, signal, served: before, lost, twice: arrived.length - numbers.size };
}

/** Until all pages up to `last` are there, or none of them has come for a while: some agents wait a minute between attempts. */
async function untilQuiet(arrived: readonly number[], last: number): Promise<void> {
  const old = () => new Set(arrived.filter((number) => number <= last)).size;
  for (let [count, quiet] = [-1, 0]; quiet < 90 && count < last; ) {
    await pause(1000);
    quiet = old() === count ? quiet + 1 : 0;
    count = old();
  }
}

function startReceiver(port: number, arrived: number[]) {
  return startHttpServer(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        for (const { labels, samples } of decodeWriteRequest(uncompress(Buffer.concat(chunks)))) {
          if (!labels.some(([name, value]) => name === "__name__" && value === "page_number")) continue;
          arrived.push(...samples.map(({ bits }) => new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0));
        }
        response.writeHead(204).end();
      });
    },
    { port },
  );
}
