import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { programPath } from "../../test/support/servers.ts";
import { usageOf } from "../process-usage.ts";

/** An exporter in a process of its own, scraped over one connection that stays open, as Prometheus does. */
export interface Exporter extends AsyncDisposable {
  readonly name: string;
  /** On the page that came last. */
  readonly series: number;
  readonly residentMiB: number;
  scrape(): Promise<void>;
  /** Of the process and of the children that it has or had. */
  cpuSeconds(): number;
}

const headers = { "Accept-Encoding": "gzip", Accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1" };

export async function startExporter(name: "node_exporter" | "sonde", flags: readonly string[]): Promise<Exporter> {
  const port = await freePort();
  const program = name === "sonde" ? join(import.meta.dirname, "../../bin/sonde") : await programPath("node_exporter");
  const args = [...(name === "sonde" ? ["node-exporter"] : []), `--web.listen-address=127.0.0.1:${port}`, ...flags];
  const child = spawn(program, [...args, "--log.level=error"], { stdio: "ignore" });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const label = name === "sonde" ? "sonde node-exporter" : name;
  const exporter = new RunningExporter(label, child, async () => seriesOf(await getPage(port, agent)));
  await exporter.ready();
  return exporter;
}

/** The same collectors without a server: what `prometheus.scrape` asks of `prometheus.exporter.unix`. */
export async function startGatherer(config: object): Promise<Exporter> {
  const program = join(import.meta.dirname, "../../node_modules/node/bin/node");
  const args = ["--max-semi-space-size=4", join(import.meta.dirname, "gather.ts"), JSON.stringify(config)];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exporter = new RunningExporter("sonde, in process", child, async () => {
    child.stdin.write("\n");
    return Number((await answers.next()).value);
  });
  await exporter.ready();
  return exporter;
}

class RunningExporter implements Exporter {
  readonly name: string;
  series = 0;
  readonly #child: ChildProcess;
  /** Resolves with the number of series. */
  readonly #scrape: () => Promise<number>;

  constructor(name: string, child: ChildProcess, scrape: () => Promise<number>) {
    this.name = name;
    this.#child = child;
    this.#scrape = scrape;
  }

  async ready(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.scrape();
      } catch (error) {
        if (tries > 100 || this.#child.exitCode !== null) throw error;
        await pause(100);
      }
    }
  }

  async scrape(): Promise<void> {
    this.series = await this.#scrape();
  }

  get residentMiB(): number {
    return usageOf(this.#pid).residentMiB;
  }

  cpuSeconds(): number {
    return cpuOf(this.#pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }

  get #pid(): number {
    return this.#child.pid ?? 0;
  }
}

/** proc_pid_stat(5), fields 14 to 17: the process, the children it has waited for, and those that still run. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return own + children.filter((text) => text !== "").reduce((sum, child) => sum + cpuOf(Number(child)), 0);
}

function seriesOf(page: Buffer): number {
  return (
    gunzipSync(page)
      .toString()
      .match(/^[^#\n]/gm) ?? []
  ).length;
}

function getPage(port: number, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: "/metrics", headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    })
      .on("error", reject)
      .end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
