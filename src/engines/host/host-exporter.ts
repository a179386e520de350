import type { Logger } from "../../lib/logger.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import { type GatherQuery, GatherQueryError } from "../../signals/targets.ts";
import { type CollectorSpec, gauge, type Host } from "./collector.ts";
import { type CollectorRun, CollectorRunner, type CollectorTiming } from "./collector-runner.ts";
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
export const nodeExporterVersion = "1.12.1";

interface HostExporterOptions {
  readonly host: Host;
  readonly options: HostOptions;
  /** The collectors that run, unless a query asks for fewer. */
  readonly enabled: readonly CollectorSpec[];
  /** By name; undefined: each runs at every scrape, for as long as it takes. */
  readonly timing?: (collector: string) => CollectorTiming;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** As `process` has it. */
interface Runtime {
  readonly arch: string;
  readonly platform: string;
  readonly version: string;
}

/** A collector that a test or a tool runs without limits. */
const unlimited: CollectorTiming = { timeoutMs: Number.POSITIVE_INFINITY, intervalMs: 0 };

/** node_exporter without its server: runs the collectors and makes the families of one /metrics page of what they emit. */
export class HostExporter {
  readonly #enabled: readonly CollectorRunner[];
  readonly #host: Host;
  readonly #runtime: Runtime;
  readonly #log: Logger;
  readonly #runs = new Map<string, CollectorRun>();
  #conflicts: readonly string[] = [];

  constructor({ host, options, enabled, timing = () => unlimited, runtime, log }: HostExporterOptions) {
    this.#host = host;
    this.#runtime = runtime;
    this.#log = log;
    this.#enabled = enabled.map(
      ({ name, create }) => new CollectorRunner(name, create(host, options, log), timing(name), host.clock),
    );
  }

  /** Those that run, by name. */
  get collectors(): readonly string[] {
    return this.#enabled.map(({ name }) => name);
  }

  /**
   * One page; collectors that wait do so at the same time. Rejects with a GatherQueryError, in node_exporter's words,
   * where the query cannot be answered.
   */
  async gather(query: GatherQuery): Promise<readonly MetricFamily[]> {
    const chosen = this.#choose(query);
    const page = new Page();
    page.emit(buildInfo, this.#buildLabels(), 1);
    const runs = await Promise.all(chosen.map((runner) => runner.run(page.emit)));
    for (const run of runs) {
      page.emit(duration, ["collector", run.collector], run.durationSeconds);
      page.emit(success, ["collector", run.collector], run.failure === undefined ? 1 : 0);
      this.#logChange(run);
      this.#runs.set(run.collector, run);
    }
    this.#logConflicts(page.conflicts());
    return page.families();
  }

  /** The last run of each collector, by name. */
  lastRuns(): CollectorRun[] {
    return this.#enabled.flatMap(({ name }) => this.#runs.get(name) ?? []);
  }

  close(): void {
    this.#host.files.close();
    this.#host.close?.();
    this.#host.helpers.close();
  }

  #choose({ collect = [], exclude = [] }: GatherQuery): readonly CollectorRunner[] {
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

  /** A line when a collector begins to fail and when it works again, not one per scrape. */
  #logChange({ collector, failure, isNoData }: CollectorRun): void {
    const last = this.#runs.get(collector);
    const didFail = last?.failure !== undefined && !last.isNoData;
    const fails = failure !== undefined && !isNoData;
    if (fails && !didFail) this.#log.warn("collector failed", { collector, error: failure });
    if (didFail && !fails) this.#log.info("collector works again", { collector });
  }

  /** A line when a conflict comes up, not one per scrape. */
  #logConflicts(conflicts: readonly string[]): void {
    for (const conflict of conflicts) {
      if (!this.#conflicts.includes(conflict)) this.#log.error("metrics left out", { conflict });
    }
    this.#conflicts = conflicts;
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
