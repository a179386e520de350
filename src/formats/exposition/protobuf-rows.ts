import type { NativeHistogram } from "../../signals/native-histogram.ts";
import { ExpositionError } from "./exposition-error.ts";
import type { FieldBytes } from "./field-bytes.ts";
import { limitBuckets, limitSchema, schemaForFactor } from "./histogram-resolution.ts";
import { compactHistogram } from "./histogram-rules.ts";
import { compareExemplars, type ExemplarMessage } from "./protobuf-exemplar.ts";
import type { ProtobufType } from "./protobuf-family.ts";
import { checkLabels } from "./protobuf-labels.ts";
import type { MetricMessage, NumberMessage } from "./protobuf-metric.ts";
import { type Part, type ProtobufSeries, part } from "./protobuf-series.ts";
import type { RowExemplar, Rows } from "./rows.ts";

export interface ProtobufOptions {
  /** Whether native histograms are taken; if not, they count as scraped and are dropped. */
  readonly nativeHistograms: boolean;
  /** Whether the classic buckets of a histogram that is native, too, are read as well. */
  readonly classicHistograms: boolean;
  /** Native histograms with more buckets are merged until they fit; 0 is no limit. */
  readonly bucketLimit: number;
  /** Native histograms whose buckets grow by less are merged; 0 is no limit. */
  readonly minBucketFactor: number;
  /** Whether rows say since when their series count. */
  readonly startTimestamps: boolean;
}

/** Makes rows of the metrics of one page. */
export class RowWriter {
  readonly #series: ProtobufSeries;
  readonly #rows: Rows;
  readonly #options: ProtobufOptions;
  readonly #maxSchema: number;
  #family = 0;
  #type: ProtobufType = "untyped";
  #metric = 0;
  #entry = 0;
  /** Since when the metric counts; 0 where it is not known, or not asked for. */
  #start = 0;
  /** Whether the family's next histogram is read as a native one; undefined before its first. */
  #readsNative: boolean | undefined;
  #bucketLimitError: ExpositionError | undefined;

  constructor(series: ProtobufSeries, rows: Rows, options: ProtobufOptions) {
    this.#series = series;
    this.#rows = rows;
    this.#options = options;
    this.#maxSchema = schemaForFactor(options.minBucketFactor);
  }

  /** A limit fails the scrape, but only after the page is read to its end, so that its samples are counted. */
  get bucketLimitError(): ExpositionError | undefined {
    return this.#bucketLimitError;
  }

  /** The metrics to come are of the family with this header. */
  beginFamily(header: FieldBytes): void {
    this.#family = this.#series.family(this.#family, header);
    this.#type = this.#series.header(this.#family).type;
    this.#readsNative = undefined;
    this.#rows.mark(this.#family);
  }

  write(message: MetricMessage): void {
    this.#start = this.#options.startTimestamps ? createdOf(message, this.#type) : 0;
    switch (this.#type) {
      case "summary":
        this.#writeSummary(message);
        return;
      case "histogram":
      case "gaugehistogram":
        this.#writeHistogram(message);
        return;
      default:
        this.#writeNumber(message, message[this.#type]);
    }
  }

  #writeNumber(message: MetricMessage, { value, exemplar }: NumberMessage): void {
    this.#findMetric(message);
    this.#push(part.self, 0, value, message.timestamp);
    this.#pushExemplar(exemplar);
  }

  #writeSummary(message: MetricMessage): void {
    const { summary, timestamp } = message;
    this.#findMetric(message);
    this.#push(part.count, 0, summary.count, timestamp);
    this.#push(part.sum, 0, summary.sum, timestamp);
    for (const [at, quantile] of summary.quantiles.entries()) {
      this.#push(part.quantile, quantile, summary.values[at]!, timestamp);
    }
  }

  /**
   * Whether a histogram is read as a native one is decided by the family's first, and later on by the last one that was
   * read as a classic one (Prometheus' parser keeps its state from metric to metric).
   */
  #writeHistogram(message: MetricMessage): void {
    const { histogram } = message;
    this.#readsNative ??= histogram.isNative;
    if (this.#readsNative) {
      this.#writeNative(message);
      if (!this.#options.classicHistograms || histogram.bucketCount === 0) return;
    }
    this.#writeClassic(message);
    this.#readsNative = histogram.isNative;
  }

  /** The bucket of +Inf is the last one, and is added where there is none. */
  #writeClassic(message: MetricMessage): void {
    const { histogram, timestamp } = message;
    this.#findMetric(message);
    this.#push(part.count, 0, histogram.count, timestamp);
    this.#push(part.sum, 0, histogram.sum, timestamp);
    for (let bucket = 0; bucket < histogram.bucketCount; bucket++) {
      const bound = histogram.upperBound(bucket);
      this.#push(part.bucket, bound, histogram.cumulativeCount(bucket), timestamp);
      this.#pushExemplar(histogram.bucketExemplars[bucket]);
      if (bound === Number.POSITIVE_INFINITY) return;
    }
    this.#push(part.bucket, Number.POSITIVE_INFINITY, histogram.count, timestamp);
  }

  #writeNative(message: MetricMessage): void {
    if (!this.#options.nativeHistograms) {
      checkLabels(message.labels);
      this.#rows.withoutRow++;
      return;
    }
    this.#findMetric(message);
    const histogram = this.#limited(this.#validHistogram(message));
    this.#push(part.self, 0, Number.NaN, message.timestamp);
    const row = this.#rows.length - 1;
    if (histogram === undefined) this.#rows.refused.add(row);
    else this.#rows.histograms.set(row, histogram);
    for (const exemplar of nativeExemplars(message, row)) this.#rows.exemplars.push(exemplar);
  }

  #validHistogram({ histogram }: MetricMessage): NativeHistogram {
    try {
      return compactHistogram(histogram.native(this.#type === "gaugehistogram"));
    } catch (error) {
      this.#rows.withoutRow++;
      throw error;
    }
  }

  /** Undefined where it cannot be made to fit. */
  #limited(histogram: NativeHistogram): NativeHistogram | undefined {
    const { bucketLimit } = this.#options;
    const capped = limitSchema(histogram, this.#maxSchema);
    if (bucketLimit === 0) return capped;
    const limited = limitBuckets(capped, bucketLimit);
    if (limited !== undefined) return limited;
    const { name } = this.#series.header(this.#family);
    this.#bucketLimitError ??= new ExpositionError(
      `the native histogram "${name}" cannot be reduced to ${bucketLimit} buckets, its native_histogram_bucket_limit`,
    );
    return undefined;
  }

  #findMetric({ labels }: MetricMessage): void {
    this.#metric = this.#series.metric(this.#metric, this.#family, labels);
  }

  #push(which: Part, bound: number, value: number, timestamp: number): void {
    this.#entry = this.#series.entry(this.#entry, this.#metric, which, bound);
    this.#rows.push(this.#entry, value, timestamp);
    if (this.#start !== 0) this.#rows.start(this.#rows.length - 1, this.#start);
  }

  /** Of the row that was pushed last. */
  #pushExemplar(message: ExemplarMessage | undefined): void {
    const exemplar = message?.of(this.#rows.length - 1);
    if (exemplar !== undefined) this.#rows.exemplars.push(exemplar);
  }
}

function createdOf({ counter, summary, histogram }: MetricMessage, type: ProtobufType): number {
  if (type === "counter") return counter.created;
  if (type === "summary") return summary.created;
  return type === "histogram" || type === "gaugehistogram" ? histogram.created : 0;
}

/** Those of the native part, or else those of the classic buckets; without a timestamp they are of no use there. */
function nativeExemplars({ histogram }: MetricMessage, row: number): RowExemplar[] {
  const messages = histogram.exemplars.length > 0 ? histogram.exemplars : histogram.bucketExemplars;
  const exemplars = messages.flatMap((message) => message?.of(row) ?? []);
  return exemplars.filter(({ timestamp }) => !Number.isNaN(timestamp)).sort(compareExemplars);
}
