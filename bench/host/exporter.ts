import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
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
  /** What it says now, for when it is gone. */
  snapshot(): Exporter;
}

const headers = { "Accept-Encoding": "gzip", Accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1" };

export async function startExporter(name: "node_exporter" | "sonde", flags: readonly string[]): Promise<Exporter> {
  const port = await freePort();
  const program = name === "sonde" ? join(import.meta.dirname, "../../bin/sonde") : await programPath("node_exporter");
  const args = [...(name === "sonde" ? ["node-exporter"] : []), `--web.listen-address=127.0.0.1:${port}`, ...flags];
  const child = spawn(program, [...args, "--log.level=error"], { stdio: "ignore" });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const exporter = new RunningExporter(name, child, () => getPage(port, agent));
  await exporter.ready();
  return exporter;
}

class RunningExporter implements Exporter {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #getPage: () => Promise<Buffer>;
  #last: Buffer = Buffer.alloc(0);

  constructor(name: string, child: ChildProcess, getPage: () => Promise<Buffer>) {
    this.name = name;
    this.#child = child;
    this.#getPage = getPage;
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
    this.#last = await this.#getPage();
  }

  get series(): number {
    return (
      gunzipSync(this.#last)
        .toString()
        .match(/^[^#\n]/gm) ?? []
    ).length;
  }

  get residentMiB(): number {
    return usageOf(this.#pid).residentMiB;
  }

  cpuSeconds(): number {
    return cpuOf(this.#pid);
  }

  snapshot(): Exporter {
    const { name, series, residentMiB } = this;
    const gone = () => Promise.reject(new Error(`${name} has ended`));
    return {
      name,
      series,
      residentMiB,
      scrape: gone,
      cpuSeconds: () => 0,
      snapshot: () => this,
      [Symbol.asyncDispose]: gone,
    };
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
