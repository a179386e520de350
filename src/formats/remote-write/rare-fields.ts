import type { WireWriter } from "../../lib/protobuf-writer.ts";
import type { Exemplar, HistogramSample } from "../../signals/metric-batch.ts";
import type { HistogramSpan } from "../../signals/native-histogram.ts";

/*
 * The fields of a TimeSeries (prometheus/prompb, types.proto) that few series have.
 */

const exemplarField = 3;
const histogramField = 4;

/** Of Histogram.reset_hint; anything else is left to the receiver to find out. */
const gaugeHint = 3n;

/** `field` is the number that a TimeSeries has it by: 4 in 1.0, 3 in 2.0; the message is the same, but for 2.0's start. */
export function writeHistogram(
  series: WireWriter,
  { histogram, timestamp, startTimestamp = 0 }: HistogramSample,
  field = histogramField,
): void {
  series.message(field, (out) => {
    if (histogram.kind === "integer") out.presentUint64(1, histogram.count);
    else out.presentDouble(2, histogram.count);
    out.double(3, histogram.sum);
    out.sint32(4, histogram.schema);
    out.double(5, histogram.zeroThreshold);
    if (histogram.kind === "integer") out.presentUint64(6, histogram.zeroCount);
    else out.presentDouble(7, histogram.zeroCount);
    writeSpans(out, 8, histogram.negativeSpans);
    if (histogram.kind === "integer") out.packedSint64(9, histogram.negativeDeltas);
    else out.packedDouble(10, histogram.negativeCounts);
    writeSpans(out, 11, histogram.positiveSpans);
    if (histogram.kind === "integer") out.packedSint64(12, histogram.positiveDeltas);
    else out.packedDouble(13, histogram.positiveCounts);
    if (histogram.isGauge) out.uint64(14, gaugeHint);
    out.int64(15, timestamp);
    out.packedDouble(16, histogram.customValues ?? []);
    if (field !== histogramField) out.int64(17, startTimestamp);
  });
}

export function writeExemplar(series: WireWriter, { labels, value, timestamp }: Exemplar): void {
  series.message(exemplarField, (out) => {
    for (let at = 0; at < labels.length; at += 2) {
      out.message(1, (label) => {
        label.text(1, labels[at]!);
        label.text(2, labels[at + 1]!);
      });
    }
    out.double(2, value);
    out.int64(3, timestamp);
  });
}

function writeSpans(out: WireWriter, field: number, spans: readonly HistogramSpan[]): void {
  for (const { offset, length } of spans) {
    out.message(field, (span) => {
      span.sint32(1, offset);
      span.uint64(2, BigInt(length));
    });
  }
}
