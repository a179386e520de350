import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Component, type Context, exposedName, type MetricSpec, type MetricSpecs } from "../component.ts";
import { CustomMetrics } from "../signals/custom-metrics.ts";
import { labelRecord, labelsFrom } from "../signals/labels.ts";
import type { FamilySample, MetricFamily, MetricType } from "../signals/metric-family.ts";
import type { Signal } from "../signals/receiver.ts";

type AnyMeters = Context<Signal, MetricSpecs>["metrics"];

interface Entry {
  readonly registry: Registry;
  readonly custom: CustomMetrics;
  readonly meters: AnyMeters;
}

/** The self-metrics that components declare: one registry per component, whose series carry its id. */
export class ComponentMetrics {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** `now` is a clock that never goes back, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same meters again for the same id, so that a restart does not set the counters back. */
  meters(id: string, component: Component): AnyMeters {
    const known = this.#entries.get(id);
    if (known !== undefined) return known.meters;
    const registry = new Registry();
    const custom = new CustomMetrics(this.#now);
    const specs = Object.entries(component.metrics ?? {});
    const meters = Object.fromEntries(
      specs.map(([name, spec]) => [
        name,
        spec.kind === "custom" ? custom : createMeter(spec, component.type, registry),
      ]),
    );
    this.#entries.set(id, { registry, custom, meters: meters as AnyMeters });
    return meters as AnyMeters;
  }

  /** Drops the series of every component that is not in `ids`. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
  }

  async gather(): Promise<MetricFamily[]> {
    const families = [...this.#entries].map(([id, { registry }]) => familiesOf(id, registry));
    const custom = [...this.#entries].flatMap(([id, entry]) => customFamilies(id, entry.custom));
    return [...(await Promise.all(families)).flat(), ...custom];
  }
}

function createMeter(spec: MetricSpec, type: string, registry: Registry) {
  const options = {
    name: exposedName(type, spec.name),
    help: spec.help,
    labelNames: [...spec.labelNames],
    registers: [registry],
  };
  if (spec.kind === "counter") return new Counter(options);
  if (spec.kind === "gauge") return new Gauge(options);
  return new Histogram({ ...options, buckets: [...(spec.buckets ?? [])] });
}

function customFamilies(id: string, custom: CustomMetrics): MetricFamily[] {
  return custom.gather().map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({
      ...sample,
      labels: labelsFrom({ ...labelRecord(sample.labels), component_id: id }),
    })),
  }));
}

interface PromClientValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

async function familiesOf(id: string, registry: Registry): Promise<MetricFamily[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map(({ name, help, type, values }) => ({
    name,
    help,
    type: String(type) as MetricType,
    samples: (values as readonly PromClientValue[]).map((value) => sampleOf(id, name, value)),
  }));
}

function sampleOf(id: string, family: string, { value, labels, metricName }: PromClientValue): FamilySample {
  const texts = Object.entries(labels).map(([name, text]) => [name, name === "le" ? formatLe(text) : String(text)]);
  return { name: metricName ?? family, labels: labelsFrom({ ...Object.fromEntries(texts), component_id: id }), value };
}

/** Prometheus normalises `le` to a float's spelling; saying it so at once keeps the series the same in process and out. */
function formatLe(bound: string | number): string {
  return Number.isInteger(Number(bound)) && Math.abs(Number(bound)) < 1e6 ? `${Number(bound)}.0` : String(bound);
}
