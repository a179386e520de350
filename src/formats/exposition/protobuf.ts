import { ProtobufError, WireReader } from "../../lib/protobuf-reader.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { Body } from "./body.ts";
import { ExpositionError } from "./exposition-error.ts";
import type { Declaration, PageReader } from "./page-reader.ts";
import { FamilyMessage } from "./protobuf-family.ts";
import { MetricMessage } from "./protobuf-metric.ts";
import { type ProtobufOptions, RowWriter } from "./protobuf-rows.ts";
import { ProtobufSeries } from "./protobuf-series.ts";
import type { Rows } from "./rows.ts";
import type { SkippedLines } from "./skipped-lines.ts";

/**
 * Reads a target's pages in the delimited protobuf format: MetricFamily messages (io.prometheus.client), each behind its
 * length.
 *
 *     length │ MetricFamily: header, Metric, Metric, … │ length │ MetricFamily …
 *              FamilyMessage ─► ProtobufSeries.family
 *                              MetricMessage ─► ProtobufSeries.metric ─► RowWriter ─► rows
 *
 * Messages are read into objects that are used again, so a page of known series makes no garbage but for exemplars and
 * native histograms. test/reference/protobuf-exposition.ts is the slow twin; bench/micro/scan-protobuf.ts has the cost.
 */
export class ProtobufReader implements PageReader {
  readonly #options: ProtobufOptions;
  #series = new ProtobufSeries();
  /** Of what was dropped. */
  #formerVersion = 0;
  readonly #wire = new WireReader();
  readonly #family = new FamilyMessage();
  readonly #metric = new MetricMessage();

  constructor(options: ProtobufOptions) {
    this.#options = options;
  }

  read(body: Body, rows: Rows, skipped?: SkippedLines): ExpositionError | undefined {
    const writer = new RowWriter(this.#series, rows, this.#options);
    try {
      this.#readPage(body, writer, skipped);
      return writer.bucketLimitError;
    } catch (error) {
      return expositionError(error);
    }
  }

  get size(): number {
    return this.#series.size;
  }

  takeLabels(entry: number): readonly string[] {
    return this.#series.takeLabels(entry);
  }

  typeOf(entry: number): string {
    return this.#series.typeOf(entry);
  }

  declaration(mark: number): Declaration {
    const { name, type } = this.#series.header(mark);
    return { family: name, type };
  }

  get metadataVersion(): number {
    return this.#formerVersion + this.#series.headerChanges;
  }

  metadata(): readonly MetricMetadata[] {
    return this.#series.metadata();
  }

  rest(): void {
    this.#series.rest();
  }

  isCrowded(live: number): boolean {
    return this.#series.isCrowded(live);
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const old = this.#series;
    this.#formerVersion += old.headerChanges;
    this.#series = new ProtobufSeries();
    return this.#series.adopt(old, keep);
  }

  #readPage(body: Body, writer: RowWriter, skipped: SkippedLines | undefined): void {
    const { bytes, view, length } = body;
    const wire = this.#wire;
    for (let at = 0; at < length; ) {
      // Behind a length that cannot be read nothing else can be.
      let end = length;
      try {
        wire.open(bytes, view, at, length);
        end = wire.streamLength() + wire.at;
        wire.open(bytes, view, wire.at, end);
        this.#family.read(wire);
        this.#readMetrics(body, writer, skipped);
      } catch (error) {
        tell(error, skipped);
      }
      at = end;
    }
  }

  /** A family without metrics is not looked at any further, as in Prometheus. */
  #readMetrics({ bytes, view }: Body, writer: RowWriter, skipped: SkippedLines | undefined): void {
    const { header, metrics } = this.#family;
    if (metrics.length === 0) return;
    writer.beginFamily(header);
    for (let at = 0; at < metrics.length; at += 2) {
      try {
        this.#wire.open(bytes, view, metrics[at]!, metrics[at + 1]!);
        this.#metric.read(this.#wire);
        writer.write(this.#metric);
      } catch (error) {
        tell(error, skipped);
      }
    }
  }
}

/** Ends the reading, unless what cannot be read is to be skipped. */
function tell(error: unknown, skipped: SkippedLines | undefined): void {
  const told = expositionError(error);
  if (skipped === undefined || !skipped.add(told)) throw told;
}

function expositionError(error: unknown): ExpositionError {
  if (error instanceof ExpositionError) return error;
  if (error instanceof ProtobufError) return new ExpositionError(error.message);
  throw error;
}
