import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { programPath } from "../test/support/servers.ts";
import { usageOf } from "./process-usage.ts";

/**
 * What the agents of one VM take: host metrics, two applications of 500 series scraped every 15 s, two log files of ten
 * lines a second and, where there is one, the journal; metrics and logs go to a receiver. Beside Sonde: node_exporter and
 * vmagent together, and the Prometheus agent with node_exporter; neither ships logs.
 * `npm run bench:vm -- [SECONDS]`, 120 seconds when nothing is said. `BENCH_SONDE=COMMAND` measures another build.
 */
const seconds = Number(process.argv[2] ?? 120);
const root = join(import.meta.dirname, "..");

await using dir = await mkdtempDisposable(join(tmpdir(), "sonde-bench-vm-"));
await using stack = new AsyncDisposableStack();
const page = Array.from({ length: 500 }, (_, at) => `app_requests_total{route="/r/${at}",code="200"} ${at}\n`).join("");
const apps = await Promise.all([0, 1].map(() => serve((_, response) => response.end(page))));
const receiver = await serve((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(204).end());
});
const logs = [0, 1].map((at) => join(dir.path, `app-${at}.log`));
const writing = setInterval(() => {
  for (const path of logs) appendFileSync(path, `${new Date().toISOString()} info request handled, all is well\n`);
}, 100);
stack.defer(() => clearInterval(writing));

const candidates: readonly (readonly [name: string, start: () => Promise<readonly number[]>])[] = [
  ["sonde", async () => [startSonde()]],
  ["node_exporter + vmagent", async () => withNodeExporter(startVmagent)],
  ["node_exporter + Prometheus agent", async () => withNodeExporter(startPrometheus)],
];
console.log("| agents | resident MiB | anonymous | highest | CPU, % of one core |\n| --- | --- | --- | --- | --- |");
for (const [name, start] of candidates) console.log(`| ${[name, ...(await measure(await start()))].join(" | ")} |`);

async function measure(pids: readonly number[]): Promise<string[]> {
  const rest = Math.min(30, seconds / 2);
  await pause(rest * 1000);
  const before = pids.map(usageOf);
  await pause((seconds - rest) * 1000);
  const after = pids.map(usageOf);
  const sum = (usages: typeof after, pick: (usage: (typeof after)[number]) => number) =>
    usages.reduce((total, usage) => total + pick(usage), 0);
  const cpu = sum(after, ({ cpuSeconds }) => cpuSeconds) - sum(before, ({ cpuSeconds }) => cpuSeconds);
  return [
    sum(after, ({ residentMiB }) => residentMiB).toFixed(0),
    sum(after, ({ anonymousMiB }) => anonymousMiB).toFixed(0),
    sum(after, ({ highestResidentMiB }) => highestResidentMiB).toFixed(0),
    ((100 * cpu) / (seconds - rest)).toFixed(2),
  ];
}

function startSonde(): number {
  const journal = existsSync("/usr/bin/journalctl")
    ? "loki.source.journal.all: { forward_to: [loki.write.central] }\n"
    : "";
  const targets = JSON.stringify(apps.map(({ host }) => host));
  const config = write(
    "sonde.yaml",
    `prometheus.exporter.unix.host: {}
prometheus.scrape.host: { targets: [prometheus.exporter.unix.host], scrape_interval: 15s, forward_to: [prometheus.remote_write.central] }
prometheus.scrape.apps: { static_configs: [{ targets: ${targets} }], scrape_interval: 15s, forward_to: [prometheus.remote_write.central] }
prometheus.remote_write.central: { endpoints: [{ url: "${receiver.url}/api/v1/write" }] }
loki.source.file.apps: { paths: ${JSON.stringify(logs)}, forward_to: [loki.write.central] }
${journal}loki.write.central: { endpoints: [{ url: "${receiver.url}/loki/api/v1/push" }] }
`,
  );
  const command = process.env.BENCH_SONDE ?? join(root, "bin/sonde");
  return run(command, ["run", config, "--storage.path", folder("sonde"), "--http.listen-address", "127.0.0.1:0"]);
}

async function withNodeExporter(scraper: (host: string) => Promise<number>): Promise<number[]> {
  const host = `127.0.0.1:${await freePort()}`;
  const exporter = run(await programPath("node_exporter"), [`--web.listen-address=${host}`, "--log.level=error"]);
  return [exporter, await scraper(host)];
}

async function startVmagent(host: string): Promise<number> {
  return run(await programPath("vmagent"), [
    `-promscrape.config=${prometheusYml(host, "")}`,
    `-remoteWrite.url=${receiver.url}/api/v1/write`,
    `-remoteWrite.tmpDataPath=${folder("vmagent")}`,
    "-httpListenAddr=127.0.0.1:0",
  ]);
}

async function startPrometheus(host: string): Promise<number> {
  return run(await programPath("prometheus"), [
    "--agent",
    `--config.file=${prometheusYml(host, `remote_write: [{ url: "${receiver.url}/api/v1/write" }]`)}`,
    `--storage.agent.path=${folder("prometheus")}`,
    "--web.listen-address=127.0.0.1:0",
  ]);
}

function prometheusYml(host: string, remoteWrite: string): string {
  const targets = JSON.stringify([host, ...apps.map((app) => app.host)]);
  const scrape = `scrape_configs: [{ job_name: vm, scrape_interval: 15s, static_configs: [{ targets: ${targets} }] }]`;
  return write("prometheus.yml", `${scrape}\n${remoteWrite}\n`);
}

function write(name: string, text: string): string {
  const path = join(dir.path, name);
  writeFileSync(path, text);
  return path;
}

function folder(name: string): string {
  const path = join(dir.path, name);
  mkdirSync(path);
  return path;
}

/** Ends with the benchmark. */
function run(command: string, args: readonly string[]): number {
  // As after a boot: a program that was just written or read as a whole lies in the page cache in large pieces, each of which
  // counts as resident from its first touch. Sonde's then shows up to 30 MiB more.
  spawnSync("dd", [`if=${command}`, "iflag=nocache", "count=0", "status=none"]);
  const output = process.env.BENCH_LOG ? "inherit" : "ignore";
  // As the unit has it. The peers do not use this allocator.
  const env = { ...process.env, MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "32768" };
  const child = spawn(command, args, { env, stdio: ["ignore", output, output] });
  const ended = once(child, "exit");
  stack.defer(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  return child.pid ?? 0;
}

async function serve(handler: Parameters<typeof createServer>[1]): Promise<{ host: string; url: string }> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}` };
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
