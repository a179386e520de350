import type { WireReader } from "../../lib/protobuf-reader.ts";
import { customBucketsSchema, type HistogramSpan, type NativeHistogram } from "../../signals/native-histogram.ts";

export interface ReceivedHistogram {
  /** Undefined: a stale marker. */
  readonly histogram: NativeHistogram | undefined;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** When its counting began; 0 where the sender does not know, as in 1.0. */
  readonly start: number;
  /** Why it cannot be passed on. */
  readonly problem: string | undefined;
}

/** Of Histogram.reset_hint. */
const gaugeHint = 3;

/** Both versions of the protocol have this message, with the same numbers (prompb/types.proto, write/v2/types.proto), but for 2.0's start. */
export class HistogramFields {
  #isFloat = false;
  #countInt = 0n;
  #countFloat = 0;
  #sum = 0;
  #isStale = false;
  #schema = 0;
  #zeroThreshold = 0;
  #zeroInt = 0n;
  #zeroFloat = 0;
  #negativeSpans: HistogramSpan[] = [];
  #negativeDeltas: bigint[] = [];
  #negativeCounts: number[] = [];
  #positiveSpans: HistogramSpan[] = [];
  #positiveDeltas: bigint[] = [];
  #positiveCounts: number[] = [];
  #resetHint = 0;
  #timestamp = 0;
  #start = 0;
  readonly #customValues: number[] = [];

  /** Reads the message in the field at hand. */
  read(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field <= 7) this.#readNumber(wire);
      else this.#readRest(wire);
    }
    wire.leave(outer);
  }

  received(): ReceivedHistogram {
    const histogram = this.#isFloat ? this.#float() : this.#integer();
    const problem = this.#isStale ? undefined : problemOf(histogram);
    const timestamps = { timestamp: this.#timestamp, start: this.#start };
    return { histogram: this.#isStale ? undefined : histogram, ...timestamps, problem };
  }

  #readNumber(wire: WireReader): void {
    switch (wire.field) {
      case 1:
        this.#countInt = wire.uint64();
        this.#isFloat = false;
        return;
      case 2:
        this.#countFloat = wire.double();
        this.#isFloat = true;
        return;
      case 3:
        this.#sum = wire.double();
        this.#isStale = isStaleMarker(wire, this.#sum);
        return;
      case 4:
        this.#schema = wire.sint32();
        return;
      case 5:
        this.#zeroThreshold = wire.double();
        return;
      case 6:
        this.#zeroInt = wire.uint64();
        return;
      default:
        this.#zeroFloat = wire.double();
    }
  }

  #readRest(wire: WireReader): void {
    switch (wire.field) {
      case 8:
        this.#negativeSpans.push(readSpan(wire));
        return;
      case 9:
        wire.sint64s(this.#negativeDeltas);
        return;
      case 10:
        wire.doubles(this.#negativeCounts);
        return;
      case 11:
        this.#positiveSpans.push(readSpan(wire));
        return;
      case 12:
        wire.sint64s(this.#positiveDeltas);
        return;
      case 13:
        wire.doubles(this.#positiveCounts);
        return;
      case 14:
        this.#resetHint = wire.int32();
        return;
      case 15:
        this.#timestamp = wire.int64AsNumber();
        return;
      case 16:
        wire.doubles(this.#customValues);
        return;
      case 17:
        this.#start = wire.int64AsNumber();
        return;
      default:
        wire.skip();
    }
  }

  #float(): NativeHistogram {
    return {
      kind: "float",
      ...this.#common(),
      count: this.#countFloat,
      zeroCount: this.#zeroFloat,
      positiveCounts: this.#positiveCounts,
      negativeCounts: this.#negativeCounts,
    };
  }

  #integer(): NativeHistogram {
    return {
      kind: "integer",
      ...this.#common(),
      count: this.#countInt,
      zeroCount: this.#zeroInt,
      positiveDeltas: this.#positiveDeltas,
      negativeDeltas: this.#negativeDeltas,
    };
  }

  #common() {
    return {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      sum: this.#sum,
      positiveSpans: this.#positiveSpans,
      negativeSpans: this.#negativeSpans,
      isGauge: this.#resetHint === gaugeHint,
      ...(this.#customValues.length > 0 && { customValues: this.#customValues }),
    };
  }
}

/** Whether the double that was read last is 0x7ff0000000000002: as a number it is any NaN. */
export function isStaleMarker(wire: WireReader, value: number): boolean {
  return (
    Number.isNaN(value) &&
    wire.bytes.readUInt32LE(wire.at - 8) === 2 &&
    wire.bytes.readUInt32LE(wire.at - 4) === 0x7ff00000
  );
}

function readSpan(wire: WireReader): HistogramSpan {
  const outer = wire.enter();
  let offset = 0;
  let length = 0;
  while (wire.next()) {
    if (wire.field === 1) offset = wire.sint32();
    else if (wire.field === 2) length = wire.uint32();
    else wire.skip();
  }
  wire.leave(outer);
  return { offset, length };
}

/** A histogram whose spans and buckets do not agree would be refused further on, and whatever is sent beside it, too. */
function problemOf(histogram: NativeHistogram): string | undefined {
  const [positive, negative] =
    histogram.kind === "integer"
      ? [histogram.positiveDeltas, histogram.negativeDeltas]
      : [histogram.positiveCounts, histogram.negativeCounts];
  if (
    bucketsIn(histogram.positiveSpans) !== positive.length ||
    bucketsIn(histogram.negativeSpans) !== negative.length
  ) {
    return "the spans and the buckets of a native histogram do not agree";
  }
  return histogram.schema === customBucketsSchema ? customProblem(histogram) : undefined;
}

/** The rules of Prometheus for custom buckets (histogram.Validate). */
function customProblem({
  customValues = [],
  positiveSpans,
  negativeSpans,
  zeroThreshold,
  zeroCount,
}: NativeHistogram): string | undefined {
  if (negativeSpans.length > 0 || zeroThreshold !== 0 || Number(zeroCount) !== 0) {
    return "a native histogram with custom buckets has negative buckets or a zero bucket";
  }
  if (customValues.some((bound, at) => !(bound > (customValues[at - 1] ?? Number.NEGATIVE_INFINITY)))) {
    return "the custom buckets of a native histogram do not go up";
  }
  if (customValues.at(-1) === Number.POSITIVE_INFINITY) {
    return "the custom buckets of a native histogram end with +Inf, which is understood";
  }
  const end = positiveSpans.reduce((at, { offset, length }) => at + offset + length, 0);
  const isWithin = positiveSpans.every(({ offset }) => offset >= 0) && end <= customValues.length + 1;
  return isWithin ? undefined : "a native histogram has buckets beyond its custom bounds";
}

function bucketsIn(spans: readonly HistogramSpan[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}
