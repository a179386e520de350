import { stat } from "node:fs/promises";
import { createHostExporter, readsProcfs } from "../../components/prometheus/exporter-unix.ts";
import { parseWebConfig } from "../../config/fields/parse-web-config.ts";
import { listenAddress } from "../../config/fields.ts";
import { landingPage } from "../../engines/expose/landing-page.ts";
import { MetricsPage } from "../../engines/expose/metrics-page.ts";
import { type HostExporter, nodeExporterVersion } from "../../engines/host/host-exporter.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { formatAddress, type ListenAddress } from "../../lib/listen-address.ts";
import type { Logger } from "../../lib/logger.ts";
import { version } from "../../lib/version.ts";
import { WebConfigFile } from "../../lib/web-server/web-config-file.ts";
import { WebServer } from "../../lib/web-server/web-server.ts";
import { Log } from "../log.ts";
import type { Settings } from "./command-line.ts";
import { systemdSockets } from "./systemd-sockets.ts";

export interface NodeExporterOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly isRoot: boolean;
  readonly writeLog: (line: string) => void;
}

/** The port, or the socket, or the web config: without it the program ends, as upstream. */
class StartError extends Error {}

/** Where to listen: at an address, or on a socket that systemd opened. */
type Socket = { readonly address: ListenAddress; readonly descriptor?: number };

/** node_exporter as a program: the host exporter behind its own server. Resolves with the exit code once stopped. */
export async function runNodeExporter(options: NodeExporterOptions, stop: AbortSignal): Promise<number> {
  const { settings, clock, writeLog } = options;
  const writer = new Log(writeLog, clock);
  writer.configure(settings.log);
  const log = writer.logger();
  log.info("Starting node_exporter", { version: nodeExporterVersion, sonde: version });
  if (options.isRoot) log.warn("node_exporter runs as root and needs no root: run it as a user without rights");
  const unreadable = await unreadableFolder(settings.exporter);
  if (unreadable !== undefined) {
    writeLog(`Couldn't create metrics handler: couldn't create collector: ${unreadable}`);
    return 2;
  }
  const exporter = createHostExporter(settings.exporter, { clock, random: options.random }, log);
  log.info("Enabled collectors", { collectors: exporter.collectors.join(",") });
  try {
    await serve(options, exporter, log, stop);
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.error(error.message);
    return 1;
  } finally {
    exporter.close();
  }
}

/** Without them upstream does not even start. */
async function unreadableFolder(config: Settings["exporter"]): Promise<string | undefined> {
  const { procfs_path, sysfs_path } = config;
  if (!readsProcfs(config)) return undefined;
  for (const [name, path] of [
    ["procfs", procfs_path],
    ["sysfs", sysfs_path],
  ] as const) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return `failed to open ${name}: could not read "${path}": no such file or directory`;
  }
  return undefined;
}

/** All servers have one page. The first one that cannot start ends the others. */
async function serve(
  options: NodeExporterOptions,
  exporter: HostExporter,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  const { exporterMetrics, maxRequests } = options.settings;
  const page = new MetricsPage({ exporterMetrics, maxRequests, procfs: "/proc", log });
  page.exporters = [{ name: "node_exporter", gather: (query) => exporter.gather(query) }];
  const failed = new AbortController();
  const ends = AbortSignal.any([stop, failed.signal]);
  const fail = (reason: string) => failed.abort(new StartError(reason));
  const servers = socketsOf(options, log).map((socket) => serverOn(socket, page, options, log, fail));
  await Promise.all(servers.map((server) => server.run(ends))).finally(() => page.close());
  if (failed.signal.aborted) throw failed.signal.reason;
}

function socketsOf({ settings, env, pid }: NodeExporterOptions, log: Logger): Socket[] {
  if (!settings.systemdSocket) return settings.listenAddresses.map((text) => ({ address: parseAddress(text) }));
  log.info("Listening on systemd activated listeners instead of port listeners.");
  const descriptors = systemdSockets(env, pid);
  if (descriptors.length === 0) throw new StartError("no socket activation file descriptors found");
  return descriptors.map((descriptor) => ({ address: { host: "", port: 0 }, descriptor }));
}

function parseAddress(text: string): ListenAddress {
  const result = listenAddress.safeParse(text);
  if (result.success) return result.data;
  const reason = text.includes(":") ? "write host:port or :port" : "missing port in address";
  throw new StartError(`listen tcp: address ${text}: ${reason}`);
}

function serverOn(
  socket: Socket,
  page: MetricsPage,
  { settings, clock, random }: NodeExporterOptions,
  log: Logger,
  fail: (reason: string) => void,
): WebServer {
  const { webConfigFile, telemetryPath } = settings;
  let hasListened = false;
  const server: WebServer = new WebServer({
    ...socket,
    handler: async (request) => {
      const [path = "/"] = (request.url ?? "/").split("?", 1);
      return path === telemetryPath ? page.answer(request) : otherPage(path, telemetryPath);
    },
    remedy: { setting: "--web.listen-address", suspect: "another node_exporter" },
    words: {
      down: "metrics are not served",
      upAgain: "metrics are served again",
      open: "everybody who reaches this address can read the metrics",
    },
    webConfigFile: webConfigFile === "" ? undefined : new WebConfigFile(webConfigFile, parseWebConfig),
    clock,
    random,
    log,
    onProblem(part, reason) {
      if (reason !== undefined && !hasListened) fail(reason);
      if (reason !== undefined || part !== "listen" || hasListened) return;
      hasListened = true;
      announce(server, log);
    },
  });
  return server;
}

function announce(server: WebServer, log: Logger): void {
  const { address, isSecure } = server.listening ?? {};
  const where = address === undefined ? "" : formatAddress(address);
  log.info("Listening on", { address: where });
  log.info(isSecure ? "TLS is enabled." : "TLS is disabled.", { http2: false, address: where });
}

function otherPage(path: string, telemetryPath: string): Answer {
  if (path !== "/" || telemetryPath === "") return textAnswer(404, "404 page not found\n");
  const about = `Prometheus Node Exporter ${nodeExporterVersion}, by Sonde ${version}.`;
  return landingPage({ title: "Node Exporter", about, telemetryPath });
}
