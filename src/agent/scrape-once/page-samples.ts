import type { Exposure } from "../../engines/scrape/exposure.ts";
import { ScrapeFailure } from "../../engines/scrape/failure.ts";
import { checkLabels, seriesLabels } from "../../engines/scrape/series-labels.ts";
import type { ScrapeSettings } from "../../engines/scrape/settings.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { formatGoFloat } from "../../lib/go-float.ts";
import { formatLabels, type Labels } from "../../signals/labels.ts";
import { customBucketsSchema, type NativeHistogram } from "../../signals/native-histogram.ts";
import type { DeclaredTypes, Family } from "./declared-types.ts";

/** What a page shows, by family and one by one. */
export interface PageSamples {
  /** In the order of the page. */
  readonly families: readonly FamilyReport[];
  readonly series: number;
  /** In the order of the page. */
  readonly samples: readonly SampleReport[];
  /** Samples of a series that had one before on the same page; only the first of them counts. */
  readonly repeated: number;
  /** Why the labels of a series make the scrape fail. */
  readonly refused: string | undefined;
}

export interface FamilyReport {
  readonly name: string;
  readonly type: string;
  readonly series: number;
  readonly samples: number;
}

export interface SampleReport {
  /** As exposed: `name{label="value"}`. */
  readonly series: string;
  /** As on a page; of a native histogram in words. */
  readonly value: string;
  /** Milliseconds since the epoch, where the page gives one. */
  readonly timestamp?: number;
}

/** What is known of a page beside its rows. */
export interface PageFacts {
  readonly types: DeclaredTypes;
  /** Of the target. */
  readonly labels: Labels;
  readonly settings: ScrapeSettings;
}

interface Series {
  readonly text: string;
  readonly family: CountedFamily;
}

interface CountedFamily {
  readonly name: string;
  readonly type: string;
  series: number;
  samples: number;
}

export function readSamples(rows: Rows, exposure: Exposure, facts: PageFacts): PageSamples {
  const families = new Map<string, CountedFamily>();
  const known = new Map<number, Series>();
  const samples: SampleReport[] = [];
  let repeated = 0;
  let refused: string | undefined;
  for (let row = 0; row < rows.length; row++) {
    const entry = rows.entries[row] ?? 0;
    const timestamp = rows.timestamps[row] ?? Number.NaN;
    let series = known.get(entry);
    if (series === undefined) {
      const exposed = exposure.takeLabels(entry);
      refused ??= refusal(exposed, facts);
      series = newSeries(exposed, facts.types.familyOf(exposed[1] ?? "", exposure.typeOf(entry)), families);
      known.set(entry, series);
    } else if (Number.isNaN(timestamp)) repeated++;
    series.family.samples++;
    const value = formatValue(rows.values[row] ?? Number.NaN, rows.histograms.get(row));
    samples.push({ series: series.text, value, ...(!Number.isNaN(timestamp) && { timestamp }) });
  }
  return { families: [...families.values()], series: known.size, samples, repeated, refused };
}

function newSeries(
  [, metric = "", ...labels]: readonly string[],
  { name, type }: Family,
  families: Map<string, CountedFamily>,
): Series {
  const family = families.get(name) ?? { name, type, series: 0, samples: 0 };
  families.set(name, family);
  family.series++;
  return { text: `${metric}${labels.length === 0 ? "" : formatLabels(labels)}`, family };
}

function refusal(exposed: readonly string[], { labels, settings }: PageFacts): string | undefined {
  try {
    checkLabels(seriesLabels(exposed, labels, settings.honorLabels), settings);
    return undefined;
  } catch (error) {
    if (error instanceof ScrapeFailure) return error.message;
    throw error;
  }
}

function formatValue(value: number, histogram: NativeHistogram | undefined): string {
  if (histogram === undefined) return formatGoFloat(value);
  const spans = [...histogram.positiveSpans, ...histogram.negativeSpans];
  const buckets = spans.reduce((sum, { length }) => sum + length, 0);
  const kind = histogram.schema === customBucketsSchema ? "native histogram with custom buckets" : "native histogram";
  return `${kind}: count ${histogram.count}, sum ${formatGoFloat(histogram.sum)}, ${buckets} buckets`;
}
