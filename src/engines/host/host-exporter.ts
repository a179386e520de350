import { describeError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import { type GatherQuery, GatherQueryError } from "../../signals/targets.ts";
import { type Collect, type CollectorSpec, type Emit, gauge, type Host, NoData } from "./collector.ts";
import { collectorNames } from "./collectors.ts";
import type { HostOptions } from "./options.ts";
import { Page } from "./page.ts";

const duration = gauge("node_scrape_collector_duration_seconds", "node_exporter: Duration of a collector scrape.");
const success = gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.");
const buildInfo = gauge(
  "node_exporter_build_info",
  "A metric with a constant '1' value labeled by version, revision, branch, goversion from which node_exporter was " +
    "built, and the goos and goarch for the build.",
);

/** The node_exporter whose metrics these are. Rules join on build_info and read this label. */
const nodeExporterVersion = "1.12.1";

interface HostExporterOptions {
  readonly host: Host;
  readonly options: HostOptions;
  /** The collectors that run, unless a query asks for fewer. */
  readonly enabled: readonly CollectorSpec[];
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** As `process` has it. */
interface Runtime {
  readonly arch: string;
  readonly platform: string;
  readonly version: string;
}

/** How a collector fared the last time it ran. */
export interface CollectorRun {
  readonly collector: string;
  readonly durationSeconds: number;
  /** Absent: it succeeded. */
  readonly failure?: string;
  /** It failed because this host has nothing of the kind. */
  readonly isNoData: boolean;
}

interface Enabled {
  readonly name: string;
  readonly collect: Collect;
}

/** node_exporter without its server: runs the collectors and makes the families of one /metrics page of what they emit. */
export class HostExporter {
  readonly #enabled: readonly Enabled[];
  readonly #host: Host;
  readonly #runtime: Runtime;
  readonly #log: Logger;
  readonly #runs = new Map<string, CollectorRun>();

  constructor({ host, options, enabled, runtime, log }: HostExporterOptions) {
    this.#host = host;
    this.#runtime = runtime;
    this.#log = log;
    this.#enabled = enabled.map(({ name, create }) => ({ name, collect: create(host, options) }));
  }

  /** One page. Rejects with a GatherQueryError, in node_exporter's words, where the query cannot be answered. */
  async gather(query: GatherQuery): Promise<readonly MetricFamily[]> {
    const chosen = this.#choose(query);
    const page = new Page();
    page.emit(buildInfo, this.#buildLabels(), 1);
    for (const { name, collect } of chosen) {
      const run = await this.#run(name, collect, page.emit);
      page.emit(duration, ["collector", name], run.durationSeconds);
      page.emit(success, ["collector", name], run.failure === undefined ? 1 : 0);
    }
    return page.families();
  }

  /** The last run of each collector, by name. */
  lastRuns(): CollectorRun[] {
    return this.#enabled.flatMap(({ name }) => this.#runs.get(name) ?? []);
  }

  close(): void {
    this.#host.files.close();
    this.#host.helpers.close();
  }

  #choose({ collect = [], exclude = [] }: GatherQuery): readonly Enabled[] {
    if (collect.length > 0 && exclude.length > 0) {
      throw new GatherQueryError("Combined collect and exclude queries are not allowed.");
    }
    for (const name of collect) {
      if (this.#enabled.some((enabled) => enabled.name === name)) continue;
      const reason = collectorNames.includes(name) ? "disabled" : "missing";
      throw new GatherQueryError(
        `Couldn't create filtered metrics handler: couldn't create collector: ${reason} collector: ${name}`,
      );
    }
    return this.#enabled.filter(({ name }) => (collect.length > 0 ? collect.includes(name) : !exclude.includes(name)));
  }

  async #run(collector: string, collect: Collect, emit: Emit): Promise<CollectorRun> {
    const { clock } = this.#host;
    const started = clock.monotonic();
    let failed: { failure?: string; isNoData: boolean } = { isNoData: false };
    try {
      await collect(emit);
    } catch (error) {
      failed = { failure: describeError(error), isNoData: error instanceof NoData };
    }
    const run = { collector, durationSeconds: (clock.monotonic() - started) / 1000, ...failed };
    this.#logChange(run);
    this.#runs.set(collector, run);
    return run;
  }

  /** A line when a collector begins to fail and when it works again, not one per scrape. */
  #logChange({ collector, failure, isNoData }: CollectorRun): void {
    const last = this.#runs.get(collector);
    const didFail = last?.failure !== undefined && !last.isNoData;
    const fails = failure !== undefined && !isNoData;
    if (fails && !didFail) this.#log.warn("collector failed", { collector, error: failure });
    if (didFail && !fails) this.#log.info("collector works again", { collector });
  }

  /** The seven labels that dashboards and rules know; what they say of Go is said of Node here. */
  #buildLabels(): string[] {
    const { arch, platform, version } = this.#runtime;
    const labels = {
      branch: "",
      goarch: arch === "x64" ? "amd64" : arch,
      goos: platform,
      goversion: version,
      revision: "",
      tags: "unknown",
      version: nodeExporterVersion,
    };
    return Object.entries(labels).flat();
  }
}
