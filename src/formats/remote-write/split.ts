import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import { decompress } from "../../lib/snappy-decode.ts";
import type { ProtobufMessage } from "./decode.ts";

/** The part of a block that is a block of its own. */
export interface BlockPart extends RecordCounts {
  readonly payload: Uint8Array;
}

export interface RecordCounts {
  /** Samples, histograms and exemplars. */
  readonly records: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** What a block holds. */
export function countBlock(payload: Uint8Array, message: ProtobufMessage): RecordCounts {
  return sumOf(fieldsOf(decompress(payload, longestMessage), message).series);
}

/**
 * Both halves of a block, by its series and in their order; undefined for a block of one series. A half of 2.0 has all
 * symbols, those that only the other half needs among them.
 *
 *     message   │ symbols │ series 1 │ series 2 │ series 3 │
 *     halves    │ symbols │ series 1 │     │ symbols │ series 2 │ series 3 │
 */
export function splitBlock(payload: Uint8Array, message: ProtobufMessage): [BlockPart, BlockPart] | undefined {
  const bytes = decompress(payload, longestMessage);
  const { series, others } = fieldsOf(bytes, message);
  if (series.length < 2) return undefined;
  const middle = series.length >> 1;
  return [blockOf(bytes, others, series.slice(0, middle)), blockOf(bytes, others, series.slice(middle))];
}

/** More than any block that we have made. */
const longestMessage = 256 * 2 ** 20;

interface Span {
  readonly from: number;
  readonly to: number;
}

interface SeriesSpan extends Span, RecordCounts {}

function fieldsOf(bytes: Buffer, message: ProtobufMessage): { series: SeriesSpan[]; others: Span[] } {
  const isFirst = message === "prometheus.WriteRequest";
  const seriesField = isFirst ? 1 : 5;
  const histogramField = isFirst ? 4 : 3;
  const wire = new WireReader();
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  const series: SeriesSpan[] = [];
  const others: Span[] = [];
  while (wire.next()) {
    const from = wire.fieldStart;
    if (wire.field === seriesField) {
      const counts = countRecords(wire, histogramField);
      series.push({ from, to: wire.at, ...counts });
    } else {
      wire.skip();
      others.push({ from, to: wire.at });
    }
  }
  return { series, others };
}

/** In both messages the fields 2 to 4 of a TimeSeries are samples, histograms and exemplars; in 1.0 exemplars come first. */
function countRecords(wire: WireReader, histogramField: number): RecordCounts {
  const outer = wire.enter();
  let records = 0;
  let histograms = 0;
  let samples = 0;
  while (wire.next()) {
    if (wire.field >= 2 && wire.field <= 4) records++;
    if (wire.field === 2) samples++;
    else if (wire.field === histogramField) histograms++;
    wire.skip();
  }
  wire.leave(outer);
  return { records, histograms, exemplars: records - samples - histograms };
}

function sumOf(counts: readonly RecordCounts[]): RecordCounts {
  const sum = (kind: keyof RecordCounts) => counts.reduce((sum, each) => sum + each[kind], 0);
  return { records: sum("records"), histograms: sum("histograms"), exemplars: sum("exemplars") };
}

function blockOf(bytes: Buffer, others: readonly Span[], series: readonly SeriesSpan[]): BlockPart {
  const pieces = [...others, ...series].map(({ from, to }) => bytes.subarray(from, to));
  return {
    payload: new SnappyEncoder().compress(Buffer.concat(pieces)),
    ...sumOf(series),
  };
}
