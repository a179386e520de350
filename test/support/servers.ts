import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "../../src/lib/errors.ts";
import { unpackedPackages } from "./debian-packages.ts";
import { freePort } from "./http-server.ts";
import { type Exit, type ProcessOptions, runProcess, TestProcess } from "./process.ts";
import { tempDir } from "./temp-dir.ts";

/** A real peer that tests run against: the Debian package, and the program in it. */
interface Program {
  readonly package: string;
  readonly path: string;
  /** Packages with the libraries that it is linked to, the loader among them: those of the machine may be older. */
  readonly libraries?: readonly string[];
  /** What makes it print its version and end; `--version` if left out. */
  readonly versionFlag?: string;
}

const programs: Readonly<Record<ServerName, Program>> = {
  prometheus: { package: "prometheus", path: "usr/bin/prometheus" },
  promtool: { package: "promtool", path: "usr/bin/promtool" },
  node_exporter: { package: "prometheus-node-exporter", path: "usr/bin/prometheus-node-exporter" },
  "victoria-metrics": { package: "victoria-metrics", path: "usr/bin/victoria-metrics" },
  vmagent: { package: "victoria-metrics", path: "usr/bin/vmagent" },
  etcd: { package: "etcd-server", path: "usr/bin/etcd" },
  dnsmasq: {
    package: "dnsmasq-base",
    path: "usr/sbin/dnsmasq",
    libraries: [
      "libc6",
      "libdbus-1-3",
      "libgmp10",
      "libhogweed6t64",
      "libidn2-0",
      "libjansson4",
      "libmnl0",
      "libnetfilter-conntrack3",
      "libnettle8t64",
      "libnfnetlink0",
      "libnftables1",
      "libnftnl11",
      "libsystemd0",
      "libunistring5",
      "libxtables12",
    ],
  },
  rsyslog: {
    package: "rsyslog",
    path: "usr/sbin/rsyslogd",
    libraries: [
      "libc6",
      "libcap-ng0",
      "libcap2",
      "libestr0",
      "libfastjson4",
      "libgcc-s1",
      "libssl3t64",
      "libsystemd0",
      "libuuid1",
      "libzstd1",
      "zlib1g",
    ],
    versionFlag: "-v",
  },
  logger: {
    package: "util-linux",
    path: "usr/bin/logger",
    libraries: ["libc6", "libcap2", "libgcc-s1", "libsystemd0"],
  },
};

export type ServerName =
  | "prometheus"
  | "promtool"
  | "node_exporter"
  | "victoria-metrics"
  | "vmagent"
  | "etcd"
  | "dnsmasq"
  | "rsyslog"
  | "logger";

/** A server on a port of its own. `stop`, or `await using`, ends it and removes what it stored. */
export interface Server extends AsyncDisposable {
  /** Without a slash at the end: `http://127.0.0.1:41033`. */
  readonly url: string;
  /** Resolves when it ends, by itself or because it was stopped. */
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface Prometheus extends Server {
  /** The answer to an instant query; a scalar is a series without labels. */
  query(promql: string): Promise<Series[]>;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Makes these programs available, and finds out whether they run on this machine. */
export async function realServers(
  names: readonly ServerName[],
): Promise<{ available: true } | { available: false; reason: string }> {
  try {
    await unpackedPackages(names.map((name) => programs[name].package));
    for (const name of names) {
      const [command, ...args] = await programCommand(name);
      const { code, stderr } = await runProcess(command, [...args, programs[name].versionFlag ?? "--version"]);
      if (code !== 0) throw new Error(`the ${name} of Debian's package does not run here: ${stderr.trim()}`);
    }
    return { available: true };
  } catch (error) {
    return { available: false, reason: `cannot get the real ${names.join(", ")}: ${describeError(error)}` };
  }
}

/** A Prometheus that takes remote write, with `config` as its prometheus.yml; in agent mode it only scrapes and sends. */
export async function startPrometheus({
  config = "",
  flags = [],
  isAgent = false,
}: {
  config?: string;
  flags?: readonly string[];
  isAgent?: boolean;
} = {}): Promise<Prometheus> {
  const path = await programPath("prometheus");
  const dir = tempDir();
  await writeFile(join(dir.path, "prometheus.yml"), config);
  const child = new TestProcess(path, [
    `--config.file=${join(dir.path, "prometheus.yml")}`,
    ...(isAgent ? ["--agent"] : ["--web.enable-remote-write-receiver"]),
    `--storage.${isAgent ? "agent" : "tsdb"}.path=${join(dir.path, "data")}`,
    "--web.listen-address=127.0.0.1:0",
    ...flags,
  ]);
  const server = await listening(child, /Server is ready to receive web requests/, () => dir.remove());
  return { ...server, query: (promql) => query(server.url, promql) };
}

export async function startNodeExporter({
  flags = [],
  env = {},
}: {
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
} = {}): Promise<Server> {
  const path = await programPath("node_exporter");
  const args = ["--web.listen-address=127.0.0.1:0", ...flags];
  return listening(new TestProcess(path, args, { env }), /TLS is disabled/);
}

/** A VictoriaMetrics that takes remote write. What it has taken can be asked for after about a second. */
export async function startVictoriaMetrics(): Promise<Prometheus> {
  const path = await programPath("victoria-metrics");
  const dir = tempDir();
  const address = `127.0.0.1:${await freePort()}`;
  const child = new TestProcess(path, [
    `-httpListenAddr=${address}`,
    `-storageDataPath=${join(dir.path, "data")}`,
    "-search.latencyOffset=0s",
  ]);
  async function stop(): Promise<void> {
    await child.stop().finally(() => dir.remove());
  }
  const url = `http://${address}`;
  try {
    await child.output(/starting server at|started server at/);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, exited: child.exited, stop, query: (promql) => query(url, promql), [Symbol.asyncDispose]: stop };
}

export async function promtool(args: readonly string[], options: ProcessOptions = {}): Promise<Exit> {
  return runProcess(await programPath("promtool"), args, options);
}

/** Where the program of this peer lies; it is fetched first if need be. */
export async function programPath(name: ServerName): Promise<string> {
  const program = programs[name];
  const folders = await unpackedPackages([program.package]);
  return join(folders.get(program.package) ?? "", program.path);
}

/** How to start the program of this peer: by its own loader where it brings its libraries along. */
export async function programCommand(name: ServerName): Promise<[command: string, ...args: string[]]> {
  const path = await programPath(name);
  const { libraries } = programs[name];
  if (libraries === undefined) return [path];
  const folders = [...(await unpackedPackages(libraries)).values()];
  const search = folders.flatMap((folder) =>
    globSync("usr/lib/*-linux-gnu", { cwd: folder }).map((lib) => join(folder, lib)),
  );
  const [loader = ""] = search.flatMap((folder) =>
    globSync("ld-linux-*.so.*", { cwd: folder }).map((file) => join(folder, file)),
  );
  return [loader, "--library-path", search.join(":"), path];
}

/** Servers built on Prometheus' exporter-toolkit log the address that they were given for port 0. */
export async function listening(child: TestProcess, ready: RegExp, cleanUp: () => void = () => {}): Promise<Server> {
  async function stop(): Promise<void> {
    await child.stop().finally(cleanUp);
  }
  try {
    const [, address] = await child.output(/msg="Listening on".* address=(\S+)/);
    await child.output(ready);
    return { url: `http://${address}`, exited: child.exited, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function query(url: string, promql: string): Promise<Series[]> {
  const response = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query: promql }) });
  const answer = (await response.json()) as QueryAnswer;
  if (answer.status === "error") throw new Error(`cannot query ${promql}: ${answer.error}`);
  const { data } = answer;
  if (data.resultType === "scalar") return [{ labels: {}, value: parseValue(data.result[1]) }];
  return data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: parseValue(text) }));
}

type QueryAnswer =
  | { status: "error"; error: string }
  | { status: "success"; data: { resultType: "scalar"; result: Value } }
  | { status: "success"; data: { resultType: "vector"; result: { metric: Record<string, string>; value: Value }[] } };

type Value = [time: number, text: string];

function parseValue(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}
