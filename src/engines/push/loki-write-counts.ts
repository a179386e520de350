import { type Attempt, type EndpointSettings, shownUrl } from "./endpoint.ts";
import { tenantOf } from "./loki-codec.ts";
import type { Outcome } from "./push-client.ts";

type EndpointLabels = Record<"endpoint" | "host", string>;
type TenantLabels = EndpointLabels & Record<"tenant", string>;

interface Gauge {
  set(labels: EndpointLabels, value: number): void;
}

/** The metrics of promtail's and Alloy's client, and those that only a queue on disk has. */
export interface LokiWriteMeters {
  readonly sentEntries: { inc(labels: TenantLabels, value: number): void };
  readonly sentBytes: { inc(labels: TenantLabels, value: number): void };
  readonly dropped: { inc(labels: TenantLabels & Record<"reason", string>, value: number): void };
  readonly retries: { inc(labels: TenantLabels): void };
  readonly duration: { observe(labels: EndpointLabels & Record<"status_code", string>, seconds: number): void };
  readonly pending: Gauge;
  readonly oldest: Gauge;
  readonly backlogBytes: Gauge;
}

/** Turns what happens into self-metrics, labelled as promtail labels them. */
export class LokiWriteCounts {
  readonly #meters: LokiWriteMeters;
  readonly #labels = new Map<string, EndpointLabels>();

  constructor(meters: LokiWriteMeters) {
    this.#meters = meters;
  }

  /** The endpoints that there are. */
  watch(endpoints: readonly EndpointSettings[]): void {
    for (const { name, url } of endpoints)
      this.#labels.set(name, { endpoint: name, host: new URL(shownUrl(url)).host });
  }

  attempt({ endpoint, request, outcome, durationMs }: Attempt): void {
    const { sentEntries, sentBytes, dropped, retries, duration } = this.#meters;
    const endpointLabels = this.#labelsOf(endpoint.name);
    const labels = { ...endpointLabels, tenant: tenantOf(request.headers) };
    duration.observe({ ...endpointLabels, status_code: String(statusOf(outcome)) }, durationMs / 1000);
    if (outcome.kind === "delivered") {
      sentEntries.inc(labels, request.records);
      sentBytes.inc(labels, request.payload.length);
    } else if (outcome.kind === "reject") {
      dropped.inc({ ...labels, reason: outcome.status === 429 ? "rate_limited" : "ingester_error" }, request.records);
    } else retries.inc(labels);
  }

  /** Entries that never came to be sent; of which tenant nobody knows then. */
  drop(endpoint: string, reason: string, entries: number): void {
    this.#meters.dropped.inc({ ...this.#labelsOf(endpoint), tenant: "", reason }, entries);
  }

  /** What waits: entries, bytes, and for how many milliseconds the oldest has. */
  backlog(endpoint: string, backlog: { records: number; bytes: number; oldestMs: number }): void {
    const labels = this.#labelsOf(endpoint);
    this.#meters.pending.set(labels, backlog.records);
    this.#meters.oldest.set(labels, backlog.oldestMs / 1000);
    this.#meters.backlogBytes.set(labels, backlog.bytes);
  }

  #labelsOf(endpoint: string): EndpointLabels {
    return this.#labels.get(endpoint) ?? { endpoint, host: "" };
  }
}

/** As promtail says it, -1 is no answer at all. */
function statusOf(outcome: Outcome): number {
  if (outcome.kind === "split") return 400;
  return "status" in outcome ? (outcome.status ?? -1) : -1;
}
