import type { Health } from "../component.ts";
import type { Graph } from "../graph/graph.ts";
import type { NodeStats } from "../graph/stats.ts";
import type { LogLevel } from "../lib/logger.ts";
import { version } from "../lib/version.ts";
import { labelsFrom } from "../signals/labels.ts";
import type { FamilySample, MetricFamily, MetricType } from "../signals/metric-family.ts";

/** What the agent knows of its config. */
export interface ConfigState {
  lastReloadSuccessful: boolean;
  /** Seconds since the epoch. */
  lastReloadSuccess: number;
  reloads: { success: number; failure: number };
}

/** The agent's own metrics: its build, its config and its log. */
export function agentFamilies(
  config: ConfigState,
  logLines: Readonly<Record<LogLevel, number>>,
  forwarded: Readonly<Record<"sent" | "dropped" | "excluded", number>>,
): MetricFamily[] {
  return [
    family("sonde_build_info", "gauge", "What runs: always 1.", [{ version, nodeversion: process.version }, 1]),
    family("sonde_config_last_reload_successful", "gauge", "Whether the last attempt to load the config succeeded.", [
      {},
      Number(config.lastReloadSuccessful),
    ]),
    family(
      "sonde_config_last_reload_success_timestamp_seconds",
      "gauge",
      "When the config that runs was loaded, in seconds since the epoch.",
      [{}, config.lastReloadSuccess],
    ),
    family(
      "sonde_config_reloads_total",
      "counter",
      "Attempts to load a config while running, by result.",
      [{ result: "success" }, config.reloads.success],
      [{ result: "failure" }, config.reloads.failure],
    ),
    family(
      "sonde_log_events_total",
      "counter",
      "Events for the log by level, printed or not.",
      ...Object.entries(logLines).map(([level, count]): Row => [{ level }, count]),
    ),
    family(
      "sonde_log_write_to_lines_total",
      "counter",
      "Lines of the log for the receivers in logging.write_to, by what became of them.",
      ...Object.entries(forwarded).map(([result, count]): Row => [{ result }, count]),
    ),
  ];
}

/** What the graph counts for every component, free of charge. `records` are targets, samples or log entries. */
export function graphFamilies(graph: Graph): MetricFamily[] {
  const all = graph.stats();
  const perComponent = (name: string, help: string, read: (stats: NodeStats) => number) =>
    family(name, "counter", help, ...all.map(({ id, stats }): Row => [{ component_id: id }, read(stats)]));
  return [
    perComponent("sonde_component_received_batches_total", "Batches a component was sent.", (s) => s.receivedBatches),
    perComponent(
      "sonde_component_received_records_total",
      "Targets, samples or log entries a component was sent.",
      (s) => s.receivedRecords,
    ),
    perComponent("sonde_component_sent_batches_total", "Batches a component produced.", (s) => s.sentBatches),
    perComponent(
      "sonde_component_sent_records_total",
      "Targets, samples or log entries a component produced.",
      (s) => s.sentRecords,
    ),
    perComponent(
      "sonde_component_receive_seconds_total",
      "Time from handing a component a batch until it acknowledged it.",
      (s) => s.receiveSeconds,
    ),
    perComponent("sonde_component_restarts_total", "Restarts of a component that failed.", (s) => s.restarts),
    family(
      "sonde_component_dropped_records_total",
      "counter",
      "Records a component produced that a receiver did not take, by reason.",
      ...all.flatMap(({ id, stats }) => droppedRows(id, stats)),
    ),
    family(
      "sonde_component_health",
      "gauge",
      "Health of a component: 1 for the state it is in.",
      ...graph.components().flatMap(({ id, health }) => healthRows(id, health.state)),
    ),
  ];
}

function droppedRows(id: string, stats: NodeStats): Row[] {
  return [...stats.dropped].map(([reason, count]): Row => [{ component_id: id, reason }, count]);
}

const healthStates: readonly Health[] = ["unknown", "healthy", "unhealthy", "exited"];

function healthRows(id: string, current: Health): Row[] {
  return healthStates.map((state): Row => [{ component_id: id, state }, Number(state === current)]);
}

type Row = readonly [labels: Readonly<Record<string, string>>, value: number];

function family(name: string, type: MetricType, help: string, ...rows: readonly Row[]): MetricFamily {
  const samples = rows.map(([labels, value]): FamilySample => ({ name, labels: labelsFrom(labels), value }));
  return { name, help, type, samples };
}
