import { type Labels, labelRecord, labelsFrom } from "./labels.ts";
import type { FamilySample, MetricFamily } from "./metric-family.ts";

/** A metric whose name a user chose. */
export interface CustomMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Upper bounds, rising; of a histogram. */
  readonly buckets?: readonly number[];
  /** A series that nothing has changed for so long is left out. */
  readonly maxIdleMs: number;
}

/** One series of such a metric. */
export interface CustomSeries {
  add(amount: number): void;
  set(value: number): void;
  observe(value: number): void;
}

interface Family {
  readonly metric: CustomMetric;
  readonly series: Map<string, Series>;
}

/** The metrics of a component whose names its user chose. They outlive a reload, as all counters of components do. */
export class CustomMetrics {
  readonly #now: () => number;
  readonly #families = new Map<string, Family>();

  /** `now` is a clock that never goes back, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The series with these labels; begins at 0. A metric that is defined otherwise than before begins anew. */
  series(metric: CustomMetric, labels: Labels): CustomSeries {
    const { series } = this.#family(metric);
    const key = labels.join("\u0000");
    let found = series.get(key);
    if (found === undefined || this.#isIdle(found, metric)) {
      found = new Series(labels, metric.buckets ?? [], this.#now);
      series.set(key, found);
    }
    return found;
  }

  /** Forgets all metrics but those. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#families.keys()) if (!names.has(name)) this.#families.delete(name);
  }

  gather(): MetricFamily[] {
    return [...this.#families.values()].flatMap(({ metric, series }) => {
      for (const [key, one] of series) if (this.#isIdle(one, metric)) series.delete(key);
      if (series.size === 0) return [];
      const { name, help, type } = metric;
      return [{ name, help, type, samples: [...series.values()].flatMap((one) => one.samples(metric)) }];
    });
  }

  #family(metric: CustomMetric): Family {
    const known = this.#families.get(metric.name);
    if (known?.metric === metric) return known;
    const isSame = known !== undefined && shape(known.metric) === shape(metric);
    const family = { metric, series: isSame ? known.series : new Map<string, Series>() };
    this.#families.set(metric.name, family);
    return family;
  }

  #isIdle({ changedAt }: Series, { maxIdleMs }: CustomMetric): boolean {
    return this.#now() - changedAt >= maxIdleMs;
  }
}

function shape({ type, buckets = [] }: CustomMetric): string {
  return `${type} ${buckets.join()}`;
}

class Series implements CustomSeries {
  readonly #labels: Labels;
  readonly #bounds: readonly number[];
  readonly #now: () => number;
  /** Observations up to each bound, those of smaller bounds not among them; the last is beyond all bounds. */
  readonly #counts: number[];
  changedAt: number;
  #value = 0;

  constructor(labels: Labels, bounds: readonly number[], now: () => number) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
    this.#now = now;
    this.changedAt = now();
  }

  add(amount: number): void {
    this.#value += amount;
    this.changedAt = this.#now();
  }

  set(value: number): void {
    this.#value = value;
    this.changedAt = this.#now();
  }

  observe(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const at = found < 0 ? this.#bounds.length : found;
    this.#counts[at] = this.#counts[at]! + 1;
    this.add(value);
  }

  samples({ name, type }: CustomMetric): FamilySample[] {
    if (type !== "histogram") return [{ name, labels: this.#labels, value: this.#value }];
    let count = 0;
    const buckets = [...this.#bounds, Number.POSITIVE_INFINITY].map((bound, at) => {
      count += this.#counts[at]!;
      return { name: `${name}_bucket`, labels: this.#with("le", formatLe(bound)), value: count };
    });
    return [
      ...buckets,
      { name: `${name}_sum`, labels: this.#labels, value: this.#value },
      { name: `${name}_count`, labels: this.#labels, value: count },
    ];
  }

  #with(name: string, value: string): Labels {
    return labelsFrom({ ...labelRecord(this.#labels), [name]: value });
  }
}

/** Prometheus normalises `le` to a float's spelling. */
function formatLe(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return "+Inf";
  return Number.isInteger(bound) && Math.abs(bound) < 1e6 ? `${bound}.0` : String(bound);
}
