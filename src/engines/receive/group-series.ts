import { Interner } from "../../signals/interner.ts";
import { formatLabels, type Labels } from "../../signals/labels.ts";
import type { HistogramSample, MetricBatch } from "../../signals/metric-batch.ts";
import type { NativeHistogram } from "../../signals/native-histogram.ts";
import { SeriesRegistry } from "../../signals/series-registry.ts";
import type { PushedSample } from "./pushed-page.ts";

/** One group: what was pushed to it last, and when. */
export interface Group {
  readonly labels: Labels;
  /** By the id of the series. */
  values: Map<number, GroupValue>;
  pushTimeId: number;
  failureTimeId: number;
  /** Milliseconds since the epoch; 0 is never. */
  pushTime: number;
  failureTime: number;
  /** When it was pushed last, on the clock that never goes back. */
  touched: number;
}

interface GroupValue {
  readonly family: string;
  readonly value: number | NativeHistogram;
}

/** So many series more than needed are no reason yet to start again. */
const spareSeries = 1000;

/** The series of all groups in one table, which is given up for a new one when most of them are gone. */
export class GroupSeries {
  readonly #interner = new Interner();
  #registry = new SeriesRegistry(this.#interner);
  /** Series to the group that has it: no other may. */
  readonly #owners = new Map<number, Group>();
  #layout = 0;
  #last: Rows | undefined;

  id(labels: Labels): number {
    return this.#registry.id(labels);
  }

  /** Why these cannot be samples of the group with these labels: another one has a series like that. */
  conflict(group: Labels, samples: readonly PushedSample[]): string | undefined {
    for (const { labels } of samples) {
      const owner = this.#owners.get(this.id(labels));
      if (owner === undefined || formatLabels(owner.labels) === formatLabels(group)) continue;
      return `the series ${formatLabels(labels)} is in the group ${formatLabels(owner.labels)} already`;
    }
    return undefined;
  }

  /** Puts the samples in, and returns the ids of the series that are gone. */
  apply(group: Group, samples: readonly PushedSample[], replaces: boolean): number[] {
    const families = new Set(samples.map(({ family }) => family));
    const old = group.values;
    const values = new Map([...old].filter(([, { family }]) => !replaces && !families.has(family)));
    for (const { family, labels, value } of samples) values.set(this.id(labels), { family, value });
    group.values = values;
    const gone = [...old.keys()].filter((id) => !values.has(id));
    for (const id of gone) this.#owners.delete(id);
    for (const id of values.keys()) this.#owners.set(id, group);
    return gone;
  }

  /** Returns the ids of all its series. */
  release(group: Group): number[] {
    for (const id of group.values.keys()) this.#owners.delete(id);
    return [...group.values.keys(), group.pushTimeId, group.failureTimeId];
  }

  /** Starts a new table when most series of this one are gone. To be called between batches: ids change. */
  compact(groups: readonly Group[]): void {
    const live = groups.reduce((sum, { values }) => sum + values.size + 2, 0);
    const old = this.#registry.table;
    if (old.size <= 2 * live + spareSeries) return;
    this.#registry = new SeriesRegistry(this.#interner);
    this.#last = undefined;
    this.#owners.clear();
    const moved = (id: number) => this.id(old.labels(id));
    for (const group of groups) {
      group.values = new Map([...group.values].map(([id, value]) => [moved(id), value]));
      group.pushTimeId = moved(group.pushTimeId);
      group.failureTimeId = moved(group.failureTimeId);
      for (const id of group.values.keys()) this.#owners.set(id, group);
    }
  }

  /** The values of these groups, and stale markers for the series that are gone, all at `timestamp`. */
  batch(groups: readonly Group[], gone: readonly number[], timestamp: number): MetricBatch | undefined {
    const ids: number[] = [];
    const values: number[] = [];
    const histograms: HistogramSample[] = [];
    const add = (id: number, value: GroupValue["value"]) => {
      if (typeof value !== "number") histograms.push({ id, histogram: value, timestamp });
      else values[ids.push(id) - 1] = value;
    };
    for (const group of groups) {
      for (const [id, { value }] of group.values) add(id, value);
      add(group.pushTimeId, group.pushTime / 1000);
      add(group.failureTimeId, group.failureTime / 1000);
    }
    const staleFrom = ids.length;
    const rows = this.#rows([...ids, ...gone], staleFrom);
    const { length } = rows.ids;
    if (length + histograms.length === 0) return undefined;
    const columns = { values: new Float64Array(length), timestamps: new Float64Array(length).fill(timestamp) };
    columns.values.set(values);
    const batch = { series: this.#registry.table, ...rows, ...columns, length };
    return histograms.length === 0 ? batch : { ...batch, histograms };
  }

  /** The layout of the last batch, if it had the same rows. */
  #rows(ids: readonly number[], staleFrom: number): Rows {
    const last = this.#last;
    if (
      last?.staleFrom === staleFrom &&
      last.ids.length === ids.length &&
      ids.every((id, row) => id === last.ids[row])
    ) {
      return last;
    }
    this.#last = { ids: Uint32Array.from(ids), staleFrom, layout: ++this.#layout };
    return this.#last;
  }
}

type Rows = Pick<MetricBatch, "ids" | "staleFrom" | "layout">;
