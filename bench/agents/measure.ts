import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { usageOf } from "../process-usage.ts";
import type { Agent } from "./agents.ts";
import type { PageShape } from "./page.ts";
import { type Delivered, verify } from "./verify.ts";

export interface Scenario extends PageShape {
  readonly name: string;
  readonly targets: number;
  readonly intervalSeconds: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface Measurement extends Delivered {
  readonly cpuSeconds: number;
  readonly writtenBytes: number;
  /** Averages over the window, sampled every second. */
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  readonly highestResidentMiB: number;
}

/** Runs one agent between the load and the sink, and measures it after it has warmed up. */
export async function measure(agent: Agent, scenario: Scenario): Promise<Measurement> {
  await using dir = await mkdtempDisposable(join(tmpdir(), "sonde-bench-"));
  await using storage = await mkdtempDisposable(join(agent.storageIn ?? tmpdir(), "sonde-bench-"));
  const stored = join(dir.path, "stored");
  const load = fork(join(import.meta.dirname, "load.ts"), [JSON.stringify(scenario)]);
  const sink = fork(join(import.meta.dirname, "sink.ts"), [stored]);
  try {
    const [{ ports }, { port }] = await Promise.all([
      message<{ ports: number[] }>(load),
      message<{ port: number }>(sink),
    ]);
    const targets = ports.map((each) => `127.0.0.1:${each}`);
    const work = join(dir.path, "agent");
    mkdirSync(work);
    const { command, args } = await agent.prepare({
      dir: work,
      storage: storage.path,
      targets,
      intervalSeconds: scenario.intervalSeconds,
      receiver: `http://127.0.0.1:${port}/api/v1/write`,
    });
    const child = spawn(command, args, {
      stdio: ["ignore", process.env.BENCH_LOG ? "inherit" : "ignore", process.env.BENCH_LOG ? "inherit" : "ignore"],
    });
    const { usage, from, to } = await watch(child, scenario);
    const { scrapes } = await ask<{ scrapes: number[] }>(load);
    await ask(sink);
    const byInstance = new Map(
      targets.map((instance, target) => [instance, { target, scrapes: scrapes[target] ?? 0 }]),
    );
    return {
      ...usage,
      ...verify(stored, { shape: scenario, intervalSeconds: scenario.intervalSeconds, targets: byInstance, from, to }),
    };
  } finally {
    load.kill();
    sink.kill();
  }
}

async function watch(child: ChildProcess, { warmUpSeconds, seconds }: Scenario) {
  const pid = child.pid ?? 0;
  const exited = once(child, "exit");
  const samples: { residentMiB: number; anonymousMiB: number; highestResidentMiB: number }[] = [];
  try {
    await pause(warmUpSeconds * 1000);
    const from = Date.now();
    const before = usageOf(pid);
    for (let second = 0; second < seconds; second++) {
      await pause(from + (second + 1) * 1000 - Date.now());
      samples.push(usageOf(pid));
    }
    const after = usageOf(pid);
    const to = Date.now();
    const mean = (pick: (sample: (typeof samples)[number]) => number) =>
      samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
    return {
      from,
      to,
      usage: {
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        writtenBytes: after.writtenBytes - before.writtenBytes,
        residentMiB: mean((sample) => sample.residentMiB),
        anonymousMiB: mean((sample) => sample.anonymousMiB),
        highestResidentMiB: after.highestResidentMiB,
      },
    };
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

async function message<Message>(child: ChildProcess): Promise<Message> {
  const [answer] = await once(child, "message");
  return answer as Message;
}

function ask<Message>(child: ChildProcess): Promise<Message> {
  child.send("report");
  return message<Message>(child);
}
