import { BatchRelabeler } from "../../formats/relabel/batch.ts";
import { type Labels, mergeLabels } from "../../signals/labels.ts";
import type { MetadataSource } from "../../signals/metadata.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** The rules of one endpoint, which see the external labels, too (Prometheus: write_relabel_configs). */
export class EndpointRelabeler {
  readonly #rules: BatchRelabeler;
  readonly #externalLabels: Labels;
  readonly #labelled = new WeakMap<SeriesLookup, SeriesLookup>();
  readonly #onDropped: (samples: number) => void;

  constructor(rules: readonly RelabelRule[], externalLabels: Labels, onDropped: (samples: number) => void) {
    this.#rules = new BatchRelabeler(rules);
    this.#externalLabels = externalLabels;
    this.#onDropped = onDropped;
  }

  relabel(batch: MetricBatch): MetricBatch {
    const relabeled = this.#rules.relabel({ ...batch, series: this.#labelledOf(batch.series) });
    const { rule, unnamed, duplicate } = relabeled.dropped;
    if (rule + unnamed + duplicate > 0) this.#onDropped(rule + unnamed + duplicate);
    return relabeled.batch;
  }

  #labelledOf(series: SeriesLookup): SeriesLookup {
    if (this.#externalLabels.length === 0) return series;
    const known = this.#labelled.get(series);
    if (known !== undefined) return known;
    const created = new LabelledSeries(series, this.#externalLabels);
    this.#labelled.set(series, created);
    return created;
  }
}

class LabelledSeries implements SeriesLookup {
  readonly #series: SeriesLookup;
  readonly #labels: Labels;

  constructor(series: SeriesLookup, labels: Labels) {
    this.#series = series;
    this.#labels = labels;
  }

  get size(): number {
    return this.#series.size;
  }

  get metadata(): MetadataSource | undefined {
    return this.#series.metadata;
  }

  labels(id: number): Labels {
    return mergeLabels(this.#labels, this.#series.labels(id));
  }
}
