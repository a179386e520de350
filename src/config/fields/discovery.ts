import { z } from "zod";
import { counter, gauge, histogram } from "../../component.ts";

/** What every discovery.* component lets its user say. */
export const discoveryFields = {
  empty_grace: z
    .int()
    .min(0)
    .default(2)
    .describe(
      "How many empty answers in a row are not believed where there were targets; 0 believes at once, as Prometheus does.",
    ),
};

const config = ["mechanism", "config"] as const;

/** The self-metrics of every discovery.* component, with Prometheus' names where it has them. */
export const discoveryMetrics = {
  lastSuccess: gauge("discovery_last_success_timestamp_seconds", "When all targets were last found without a failure."),
  refreshFailures: counter(
    "prometheus_sd_refresh_failures_total",
    "Refreshes that failed, for some of the sources or for all.",
    config,
  ),
  refreshDuration: histogram(
    "prometheus_sd_refresh_duration_seconds",
    "How long refreshes took.",
    [0.01, 0.1, 1, 10],
    config,
  ),
  discoveredTargets: gauge("prometheus_sd_discovered_targets", "Targets at present.", ["name", "config"]),
  updates: counter("prometheus_sd_updates_total", "Sets of targets that were handed on.", ["name"]),
  updatesDelayed: counter("prometheus_sd_updates_delayed_total", "Sets of targets that a receiver refused.", ["name"]),
};
