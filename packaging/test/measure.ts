import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/http-server.ts";
import { root } from "../build/root.ts";

// npm run package:measure: what the program that lies in dist/ costs with the config of the package, beside the checkout.

const rounds = 5;
const scrapes = 20;
const programs = { "dist/sonde": join(root, "dist/sonde"), "bin/sonde": join(root, "bin/sonde") };

interface Cost {
  /** From the start of the process to the end of the first page of metrics. */
  readonly firstScrapeMs: number;
  readonly residentKiB: number;
  readonly anonymousKiB: number;
}

console.log(`${(statSync(programs["dist/sonde"]).size / 1e6).toFixed(1)} MB: dist/sonde\n`);
console.log(`Medians of ${rounds} starts; memory after ${scrapes} scrapes, one each second.\n`);
console.log("| program | first scrape | resident | of it anonymous |\n| --- | --- | --- | --- |");
for (const [name, program] of Object.entries(programs)) {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await measured(program));
  const of = (key: keyof Cost) => median(costs.map((cost) => cost[key]));
  const mib = (key: keyof Cost) => `${Math.round(of(key) / 1024)} MiB`;
  console.log(`| ${name} | ${Math.round(of("firstScrapeMs"))} ms | ${mib("residentKiB")} | ${mib("anonymousKiB")} |`);
}

async function measured(program: string): Promise<Cost> {
  using dir = mkdtempDisposableSync(join(tmpdir(), "sonde-measure-"));
  const [page, api] = [await freePort(), await freePort()];
  const config = join(dir.path, "sonde.yaml");
  const shipped = readFileSync(join(root, "packaging/config/sonde.yaml"), "utf8");
  writeFileSync(config, shipped.replace("127.0.0.1:9100", `127.0.0.1:${page}`));
  const args = ["run", config, "--storage.path", dir.path, "--http.listen-address", `127.0.0.1:${api}`];
  // As the unit has it.
  const env = { ...process.env, MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "32768" };
  const started = performance.now();
  const child = spawn(program, args, { env, stdio: "ignore" });
  try {
    const url = `http://127.0.0.1:${page}/metrics`;
    await firstPage(url);
    const firstScrapeMs = performance.now() - started;
    for (let scrape = 0; scrape < scrapes; scrape++) {
      await sleep(1000);
      await (await fetch(url)).text();
    }
    return { firstScrapeMs, ...memoryOf(child) };
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

async function firstPage(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      await sleep(5);
    }
  }
}

function memoryOf({ pid }: ChildProcess): { residentKiB: number; anonymousKiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return { residentKiB: kib("VmRSS"), anonymousKiB: kib("RssAnon") };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
