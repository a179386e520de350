import { parseGoDuration } from "../../../lib/go-duration.ts";
import type { CustomMetric, CustomMetrics, CustomSeries } from "../../../signals/custom-metrics.ts";
import type { Labels } from "../../../signals/labels.ts";
import { type Entry, withoutLabels } from "../entry.ts";
import { changing, OptionError, type StageKind } from "../stage.ts";
import { byteLength } from "../truncate-text.ts";

export interface MetricOptions {
  readonly name: string;
  readonly prefix: string;
  readonly description: string;
  /** The extracted value; "" is the metric's name. */
  readonly source: string;
  /** Only where the value is this; "" is any. */
  readonly value: string;
  /** Milliseconds. */
  readonly max_idle_duration: number;
}

export interface CounterOptions extends MetricOptions {
  readonly action: "inc" | "add";
  /** Every line counts, with a value or without. */
  readonly match_all: boolean;
  /** Adds the length of the line. */
  readonly count_entry_bytes: boolean;
}

export interface GaugeOptions extends MetricOptions {
  readonly action: "inc" | "dec" | "set" | "add" | "sub";
}

export interface HistogramOptions extends MetricOptions {
  readonly buckets: readonly number[];
}

export interface MetricsOptions {
  readonly counters: readonly CounterOptions[];
  readonly gauges: readonly GaugeOptions[];
  readonly histograms: readonly HistogramOptions[];
}

/** Changes a metric by an entry. */
type Recorder = (entry: Entry, metrics: CustomMetrics) => void;

export const metrics: StageKind<MetricsOptions> = {
  name: "metrics",
  create(options, { custom }) {
    options.counters.forEach(checkCounter);
    const recorders = [
      ...options.counters.map(counterRecorder),
      ...options.gauges.map(gaugeRecorder),
      ...options.histograms.map(histogramRecorder),
    ];
    if (recorders.length === 0) throw new OptionError([], "needs counters, gauges or histograms");
    return changing((entry) => {
      for (const record of recorders) record(entry, custom);
    });
  },
};

/** The names that a stage's metrics have on the page. */
export function metricNames({ counters, gauges, histograms }: MetricsOptions): string[] {
  return [...counters, ...gauges, ...histograms].map(({ prefix, name }) => prefix + name);
}

function checkCounter({ match_all, value, count_entry_bytes, action }: CounterOptions, at: number): void {
  if (match_all && value !== "") {
    throw new OptionError(["counters", at, "value"], "match_all and value exclude each other");
  }
  if (count_entry_bytes && (!match_all || action !== "add")) {
    throw new OptionError(["counters", at, "count_entry_bytes"], "needs match_all: true and action: add");
  }
  if (match_all && action === "add" && !count_entry_bytes) {
    throw new OptionError(["counters", at, "match_all"], "has nothing to add; set count_entry_bytes, or action: inc");
  }
}

function counterRecorder(options: CounterOptions): Recorder {
  const metric = metricOf("counter", options);
  const { match_all, action } = options;
  return (entry, custom) => {
    const value = match_all ? String(byteLength(entry.line)) : wantedValue(entry, options);
    if (value === undefined) return;
    const amount = action === "inc" ? 1 : numberOf(value);
    if (amount >= 0) seriesOf(custom, metric, entry).add(amount);
  };
}

function gaugeRecorder(options: GaugeOptions): Recorder {
  const metric = metricOf("gauge", options);
  const change = gaugeChanges[options.action];
  return (entry, custom) => {
    const value = wantedValue(entry, options);
    if (value === undefined) return;
    const amount = options.action === "inc" || options.action === "dec" ? 1 : numberOf(value);
    if (!Number.isNaN(amount)) change(seriesOf(custom, metric, entry), amount);
  };
}

const gaugeChanges: Readonly<Record<GaugeOptions["action"], (series: CustomSeries, amount: number) => void>> = {
  inc: (series) => series.add(1),
  dec: (series) => series.add(-1),
  set: (series, amount) => series.set(amount),
  add: (series, amount) => series.add(amount),
  sub: (series, amount) => series.add(-amount),
};

function histogramRecorder(options: HistogramOptions): Recorder {
  const metric = metricOf("histogram", options, options.buckets);
  return (entry, custom) => {
    const value = wantedValue(entry, options);
    const amount = value === undefined ? Number.NaN : numberOf(value);
    if (!Number.isNaN(amount)) seriesOf(custom, metric, entry).observe(amount);
  };
}

function metricOf(type: CustomMetric["type"], options: MetricOptions, buckets?: readonly number[]): CustomMetric {
  const { prefix, name, description: help, max_idle_duration: maxIdleMs } = options;
  return { name: prefix + name, help, type, maxIdleMs, ...(buckets && { buckets }) };
}

/** Undefined where the value is not there, or is not the one that counts. */
function wantedValue({ extracted }: Entry, { source, name, value }: MetricOptions): string | undefined {
  const found = extracted[source || name];
  return value === "" || found === value ? found : undefined;
}

/** `0.5`, and durations in seconds: `500ms`. NaN where it is neither. */
function numberOf(text: string): number {
  if (text === "true" || text === "false") return text === "true" ? 1 : 0;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  return (parseGoDuration(text) ?? Number.NaN) / 1000;
}

function seriesOf(custom: CustomMetrics, metric: CustomMetric, { labels }: Entry): CustomSeries {
  return custom.series(metric, ownLabels(labels));
}

/** Labels that begin with `__` are for the components that follow. */
function ownLabels(labels: Labels): Labels {
  return withoutLabels(labels, (name) => name.startsWith("__"));
}
