import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Adjtimex } from "../src/engines/host/adjtimex.ts";
import { HelperPrograms } from "../src/engines/host/helper-programs.ts";
import { systemClock } from "../src/lib/clock.ts";

/**
 * What asking adjtimex costs: by perl or python3 that stays, or that is started for each question.
 * `npm run bench:timex -- [QUESTIONS]`, 2000 when nothing is said.
 */
const questions = Number(process.argv[2] ?? 2000);

for (const program of ["perl", "python3"]) await measure(program);

async function measure(program: string): Promise<void> {
  const helpers = new HelperPrograms(systemClock, Math.random, process.env.PATH);
  let started: readonly string[] = [];
  const only = {
    coProcess: (command: string, args: readonly string[]) => {
      if (command === program) started = args;
      return helpers.coProcess(command === program ? command : "no-such-program", args);
    },
  } as HelperPrograms;
  const adjtimex = new Adjtimex(only);
  const first = await milliseconds(() => adjtimex.ask());
  const pid = childOf(program);
  const before = cpuMilliseconds(pid);
  const all = await milliseconds(async () => {
    for (let n = 0; n < questions; n++) await adjtimex.ask();
  });
  const cpu = (cpuMilliseconds(pid) - before) / questions;
  const each = await milliseconds(async () => {
    for (let n = 0; n < 50; n++) spawnSync(program, started, { input: "\n" });
  });
  console.log(
    `${program}: first answer ${first.toFixed(1)} ms, then ${(all / questions).toFixed(3)} ms (${cpu.toFixed(3)} ms of its ` +
      `CPU), ${memory(pid)}; started for each question ${(each / 50).toFixed(1)} ms`,
  );
  helpers.close();
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function childOf(program: string): string {
  const isChild = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.includes(`(${program}`) && Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]) === process.pid;
    } catch {
      return false;
    }
  };
  return readdirSync("/proc").find((name) => /^\d+$/.test(name) && isChild(name)) ?? "self";
}

function cpuMilliseconds(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memory(pid: string): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const mebibytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]) / 1024).toFixed(1);
  return `${mebibytes("Rss")} MiB resident, ${mebibytes("Pss")} MiB of it proportionally, ${mebibytes("Private_Dirty")} MiB private`;
}
