import { join, resolve } from "node:path";
import type { Component, World } from "../component.ts";
import { type Diagnostic, mistake } from "../config/diagnostic.ts";
import type { Environment } from "../config/interpolate.ts";
import type { LoadedConfig } from "../config/loaded.ts";
import { diagnosticsToJson, renderDiagnostics } from "../config/render.ts";
import { ProcessFamilies } from "../engines/expose/process-families.ts";
import { renderFamilies } from "../formats/exposition/render.ts";
import { describeDiff, Graph } from "../graph/graph.ts";
import { downstreamOf, type Plan, planGraph } from "../graph/plan.ts";
import { type AgentApi, type HttpServer, type ReloadOutcome, startHttpServer } from "../http/server.ts";
import type { Clock } from "../lib/clock.ts";
import { isLoopback, type ListenAddress } from "../lib/listen-address.ts";
import { ListenError } from "../lib/listening/listen-error.ts";
import type { Logger } from "../lib/logger.ts";
import { version } from "../lib/version.ts";
import type { MetricFamily } from "../signals/metric-family.ts";
import { agentFamilies, type ConfigState, graphFamilies } from "./agent-families.ts";
import { loadAnyConfig } from "./load.ts";
import { Log } from "./log.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { ComponentMetrics } from "./self-metrics.ts";

export interface AgentOptions {
  /** A file, or a folder of `*.yaml`; or the config of another agent. */
  readonly path: string;
  /** Whether a config of another agent is taken although some of it has no equal. */
  readonly bypassErrors?: boolean | undefined;
  /** Both override the config's settings. */
  readonly storagePath?: string | undefined;
  readonly listenAddress?: ListenAddress | undefined;
  readonly manifest: readonly Component[];
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: () => number;
  readonly hostname: string;
  /** Takes the log, line by line. */
  readonly writeLog: (line: string) => void;
}

export type StartOutcome = { readonly ok: true } | { readonly ok: false; readonly text: string };

type Usable = { readonly ok: true; readonly config: LoadedConfig; readonly plan: Plan };

type Loaded = Usable | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The composition root: config, graph, HTTP and log, and the one path by which a config comes into force. */
export class Agent implements AgentApi {
  readonly version = version;
  readonly startedAt: number;
  readonly #options: AgentOptions;
  readonly #writer: Log;
  readonly #log: Logger;
  readonly #forwarder: LogForwarder;
  readonly #meters: ComponentMetrics;
  readonly #state: ConfigState;
  readonly #process = new ProcessFamilies("/proc");
  #settings: LoadedConfig["settings"] | undefined;
  #graph: Graph | undefined;
  #http: HttpServer | undefined;
  #ready = false;
  /** Reloads and the stop wait for one another. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#forwarder = new LogForwarder({
      clock: options.clock,
      random: options.random,
      deliver: (id, batch) => this.#graph?.receiveLog(id, batch) ?? Promise.reject(new Error("the graph is not built")),
    });
    this.#writer = new Log(options.writeLog, options.clock, (line, component) => this.#forwarder.add(line, component));
    this.#log = this.#writer.logger();
    this.#meters = new ComponentMetrics(() => options.clock.monotonic());
    this.startedAt = options.clock.now();
    this.#state = { lastReloadSuccessful: false, lastReloadSuccess: 0, reloads: { success: 0, failure: 0 } };
  }

  /** Resolves once every component runs; or with the text for the user, and nothing running. */
  async start(): Promise<StartOutcome> {
    const loaded = this.#load();
    if (!loaded.ok) return { ok: false, text: renderDiagnostics(loaded.diagnostics) };
    const { settings } = loaded.config;
    this.#settings = settings;
    this.#configureLog(loaded);
    try {
      this.#http = await startHttpServer(this.#options.listenAddress ?? settings.http.listen_address, this);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      this.#forwarder.discard();
      return { ok: false, text: error.message };
    }
    if (!isLoopback(this.#http.address.host)) {
      this.#log.warn("the HTTP API can be reached from other machines and asks nobody for a password");
    }
    const graph = this.#createGraph(settings);
    const applied = await graph.apply(loaded.plan);
    if (!applied.ok) {
      this.#forwarder.discard();
      await this.#http.close();
      return { ok: false, text: renderDiagnostics(applied.diagnostics) };
    }
    this.#graph = graph;
    this.#ready = true;
    this.#noteLoaded();
    this.#log.info("started", { version, config: this.#options.path, components: graph.components().length });
    return { ok: true };
  }

  /** Where the agent answers; port and host as bound. */
  get address(): ListenAddress | undefined {
    return this.#http?.address;
  }

  graph(): Graph | undefined {
    return this.#graph;
  }

  isReady(): boolean {
    return this.#ready;
  }

  reload(): Promise<ReloadOutcome> {
    return this.#inTurn(() => this.#reload());
  }

  /** Stops the components, sources first, then the HTTP server. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#ready = false;
      this.#log.info("stopping");
      await this.#forwarder.close();
      await this.#graph?.stop();
      await this.#http?.close();
      this.#process.close();
      this.#log.info("stopped");
    });
  }

  async renderMetrics(): Promise<string> {
    return renderFamilies(await this.#gatherSelf());
  }

  async #reload(): Promise<ReloadOutcome> {
    const graph = this.#ready ? this.#graph : undefined;
    if (graph === undefined)
      return this.#refuse([mistake("the agent is starting or stopping, and takes no config now")]);
    const loaded = this.#load();
    if (!loaded.ok) return this.#refuse(loaded.diagnostics);
    const applied = await graph.apply(loaded.plan);
    // Building registers meters, also those of components that were refused.
    this.#meters.keep(new Set(graph.components().map(({ id }) => id)));
    if (!applied.ok) return this.#refuse(applied.diagnostics);
    this.#adopt(loaded);
    this.#state.reloads.success++;
    this.#noteLoaded();
    const summary = describeDiff(applied.diff);
    this.#log.info("config reloaded", { summary });
    return { ok: true, summary };
  }

  #refuse(diagnostics: readonly Diagnostic[]): ReloadOutcome {
    this.#state.lastReloadSuccessful = false;
    this.#state.reloads.failure++;
    for (const { message, place } of diagnostics) {
      const at = place === undefined ? {} : { file: place.file, line: place.line, column: place.column };
      this.#log.error("config refused; the running config stays", { reason: message, ...at });
    }
    return { ok: false, text: renderDiagnostics(diagnostics), diagnostics: diagnosticsToJson(diagnostics) };
  }

  #load(): Loaded {
    const { path, manifest, environment, bypassErrors } = this.#options;
    const loaded = loadAnyConfig(path, manifest, environment, bypassErrors);
    if (!loaded.ok) return loaded;
    for (const { message, place } of loaded.notes) {
      this.#log.info("has no equal and is left out", { what: message, file: place?.file, line: place?.line });
    }
    const planned = planGraph(loaded.config);
    return planned.ok ? { ok: true, config: loaded.config, plan: planned.plan } : planned;
  }

  #adopt(loaded: Usable): void {
    const { settings } = loaded.config;
    const fixed = ({ http, storage }: LoadedConfig["settings"]) => JSON.stringify([http, storage]);
    if (this.#settings !== undefined && fixed(settings) !== fixed(this.#settings)) {
      this.#log.warn("changes of http and storage take effect at the next start");
    }
    this.#configureLog(loaded);
  }

  #configureLog({ config: { settings, writeLogTo }, plan }: Usable): void {
    const ids = writeLogTo.map(({ id }) => id);
    this.#writer.configure(settings.logging);
    this.#forwarder.configure({ ids, downstream: downstreamOf(plan, ids) });
  }

  #noteLoaded(): void {
    this.#state.lastReloadSuccessful = true;
    this.#state.lastReloadSuccess = this.#options.clock.now() / 1000;
  }

  #createGraph(settings: LoadedConfig["settings"]): Graph {
    const { clock, random, hostname, storagePath } = this.#options;
    const storage = resolve(storagePath ?? settings.storage.path);
    const world: World = {
      clock,
      random,
      hostname,
      gatherSelf: () => this.#gatherSelf(),
      shutdownTimeoutMs: settings.storage.shutdown_timeout,
    };
    const surroundings = {
      world,
      logger: (component: string) => this.#writer.logger({ component }),
      meters: (id: string, component: Component) => this.#meters.meters(id, component),
      dataDir: (id: string) => join(storage, id),
    };
    return new Graph(surroundings, this.#log);
  }

  async #gatherSelf(): Promise<readonly MetricFamily[]> {
    return [
      ...agentFamilies(this.#state, this.#writer.lines, this.#forwarder.lines),
      ...(this.#graph === undefined ? [] : graphFamilies(this.#graph)),
      ...(await this.#meters.gather()),
      ...this.#process.gather(),
    ];
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(task);
    this.#busy = turn.catch(() => undefined);
    return turn;
  }
}
