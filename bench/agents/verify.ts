import { readFileSync } from "node:fs";
import { uncompress } from "snappyjs";
import { type PageShape, serialText, seriesOf, valueText } from "./page.ts";
import { readLabels, readWriteRequest } from "./write-request.ts";

export interface Delivered {
  /** In the window that was measured. */
  readonly samples: number;
  readonly bytes: number;
  /** From a sample's timestamp to the arrival of its request, milliseconds. */
  readonly lagP50: number;
  readonly lagP99: number;
  /** How far scrapes lay behind their ticks, milliseconds, over the whole run. */
  readonly latenessP99: number;
  /** Over the whole run: what is wrong with the samples, in words; empty when each arrived once, bit for bit. */
  readonly faults: readonly string[];
}

export interface Expected {
  readonly shape: PageShape;
  readonly intervalSeconds: number;
  /** By the value of `instance`: the number of the target, and how often it was scraped. */
  readonly targets: ReadonlyMap<string, { readonly target: number; readonly scrapes: number }>;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads what the sink has stored. The n-th timestamp of a target (every scrape has an `up`) is its n-th scrape, so it is
 * known which series it must have with which values; other reports and stale markers are not looked at.
 */
export function verify(file: string, expected: Expected): Delivered {
  const ledger = new Ledger(expected);
  const content = readFileSync(file);
  const lags: number[] = [];
  let delivered = 0;
  let bytes = 0;
  for (let at = 0; at < content.length; ) {
    const arrived = content.readDoubleLE(at);
    const length = content.readUInt32LE(at + 8);
    const timestamps = ledger.enter(Buffer.from(uncompress(content.subarray(at + 12, at + 12 + length))));
    at += 12 + length;
    if (arrived < expected.from || arrived >= expected.to) continue;
    bytes += length;
    delivered += timestamps.length;
    for (const timestamp of timestamps) {
      const lag = Math.max(0, Math.min(60_000, Math.round(arrived - timestamp)));
      lags[lag] = (lags[lag] ?? 0) + 1;
    }
  }
  const lagP50 = quantile(lags, delivered * 0.5);
  const lagP99 = quantile(lags, delivered * 0.99);
  const late = ledger.lateness().toSorted((a, b) => a - b);
  const latenessP99 = late[Math.ceil(late.length * 0.99) - 1] ?? Number.NaN;
  return { samples: delivered, bytes, lagP50, lagP99, latenessP99, faults: ledger.faults() };
}

function quantile(counts: readonly number[], rank: number): number {
  let seen = 0;
  for (const [lag, count = 0] of counts.entries()) {
    seen += count;
    if (seen >= rank) return lag;
  }
  return Number.NaN;
}

interface Known {
  readonly target: number;
  readonly series: number;
  /** Of a series that lives for one scrape. */
  readonly serial: string | undefined;
}

/** Stands for the series of `up`, which tells that there was a scrape, whatever came of it. */
const upSeries = -1;

/** The samples of one scrape, by the number of their series; NaN where none has come. */
interface Scrape {
  readonly values: Float64Array;
  readonly serials: Set<string>;
}

class Ledger {
  readonly #expected: Expected;
  readonly #seriesByKey: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Known | undefined>();
  /** By target and timestamp. */
  readonly #scrapes = new Map<number, Map<number, Scrape>>();
  #repeated = 0;
  #foreign = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
    this.#seriesByKey = new Map(seriesOf(expected.shape).map(({ key }, at) => [key, at]));
  }

  /** The timestamps of the samples in a WriteRequest, reports left out. */
  enter(message: Buffer): number[] {
    const timestamps: number[] = [];
    for (const { labels, samples } of readWriteRequest(message)) {
      const known = this.#find(labels);
      if (known === undefined) continue;
      for (const { timestamp, value } of samples) {
        this.#note(known, timestamp, value);
        if (known.series !== upSeries) timestamps.push(timestamp);
      }
    }
    return timestamps;
  }

  faults(): string[] {
    const targets = [...this.#expected.targets.values()];
    const each = targets.map(({ target, scrapes }) => this.#check(target, scrapes));
    const total = (pick: (count: Check) => number) => each.reduce((sum, count) => sum + pick(count), 0);
    const counts: [number, string][] = [
      [this.#repeated, "samples came twice"],
      [this.#foreign, "series that no target has"],
      [total(({ missing }) => missing), "samples are missing"],
      [total(({ wrong }) => wrong), "samples have another value"],
    ];
    return counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  }

  /** Of each scrape, behind a grid of the interval that no scrape of its target is ahead of. */
  lateness(): number[] {
    const intervalMs = this.#expected.intervalSeconds * 1000;
    return [...this.#scrapes.values()].flatMap((scrapes) => {
      const times = [...scrapes.keys()];
      const first = Math.min(...times);
      const ahead = times.map((time) => time - first - Math.round((time - first) / intervalMs) * intervalMs);
      return ahead.map((offset) => offset - Math.min(...ahead));
    });
  }

  #check(target: number, scrapes: number): Check {
    const { shape } = this.#expected;
    const inOrder = [...(this.#scrapes.get(target) ?? [])].toSorted(([a], [b]) => a - b).map(([, scrape]) => scrape);
    // The last scrape may have been under way when the agent was told to end.
    let missing = Math.max(0, scrapes - 1 - inOrder.length) * shape.series;
    let wrong = 0;
    for (const [ordinal, { values, serials }] of inOrder.entries()) {
      for (const [series, value] of values.entries()) {
        if (Number.isNaN(value)) missing++;
        else if (value !== Number(valueText(target, series, ordinal))) wrong++;
      }
      for (const serial of serials) if (serial !== serialText(ordinal)) wrong++;
    }
    return { missing, wrong };
  }

  #note({ target, series, serial }: Known, timestamp: number, value: number): void {
    const scrapes = this.#scrapes.get(target) ?? new Map<number, Scrape>();
    this.#scrapes.set(target, scrapes);
    const scrape = scrapes.get(timestamp) ?? newScrape(this.#expected.shape.series);
    scrapes.set(timestamp, scrape);
    if (series === upSeries) return;
    if (!Number.isNaN(scrape.values[series]!)) this.#repeated++;
    scrape.values[series] = value;
    if (serial !== undefined) scrape.serials.add(serial);
  }

  /** Which series these labels are; undefined for the reports. */
  #find(labels: Buffer): Known | undefined {
    const key = labels.toString("latin1");
    if (this.#known.has(key)) return this.#known.get(key);
    const known = this.#resolve(readLabels(labels));
    this.#known.set(key, known);
    return known;
  }

  #resolve({
    __name__: name = "",
    job: _,
    instance = "",
    serial,
    ...labels
  }: Record<string, string>): Known | undefined {
    if (name.startsWith("scrape_")) return undefined;
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const series = name === "up" ? upSeries : this.#seriesByKey.get(`${name}{${pairs.join(",")}}`);
    const target = this.#expected.targets.get(instance)?.target;
    if (series !== undefined && target !== undefined) return { target, series, serial };
    this.#foreign++;
    return undefined;
  }
}

interface Check {
  readonly missing: number;
  readonly wrong: number;
}

function newScrape(series: number): Scrape {
  return { values: new Float64Array(series).fill(Number.NaN), serials: new Set() };
}
