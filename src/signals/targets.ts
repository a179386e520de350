import { type Labels, labelsFrom } from "./labels.ts";
import type { MetricFamily } from "./metric-family.ts";

/** Something to scrape or to tail, before relabeling: `__address__` and the other labels discovery gave it. */
export interface Target {
  readonly labels: Labels;
  /** Set by exporters that run in this process: the scrape calls this instead of dialling `__address__`. */
  readonly gather?: Gather;
  /** The `job` of its series where neither a label nor the scrape's `job_name` says another. */
  readonly job?: string;
}

/** The targets of one source (a file, a DNS name, a region); a source that yields nothing is an empty group. */
export interface TargetGroup {
  readonly source: string;
  readonly targets: readonly Target[];
}

/** The target of an exporter in this process; `name` is what Alloy calls it, so that its dashboards find the job. */
export function exporterTarget(id: string, name: string, hostname: string, gather: Gather): Target {
  const labels = { __address__: hostname, __metrics_path__: `/${id}`, __meta_component_id: id };
  return { labels: labelsFrom(labels), gather, job: `integrations/${name}` };
}

/** Collects once. Rejects only when nothing at all could be collected. */
export type Gather = (query: GatherQuery) => Promise<readonly MetricFamily[]>;

export interface GatherQuery {
  /** Only these collectors (`collect[]`), as node_exporter has it; undefined means those that are enabled. */
  readonly collect?: readonly string[];
  /** All enabled collectors but these (`exclude[]`). */
  readonly exclude?: readonly string[];
}

/** The query that a URL of a /metrics page asks. */
export function gatherQueryOf(url: string): GatherQuery {
  const parameters = new URLSearchParams(url.split("?")[1]);
  const collect = parameters.getAll("collect[]");
  const exclude = parameters.getAll("exclude[]");
  return { ...(collect.length > 0 && { collect }), ...(exclude.length > 0 && { exclude }) };
}

/** A query the exporter cannot answer (an unknown collector): the caller's mistake, HTTP 400. */
export class GatherQueryError extends Error {}
