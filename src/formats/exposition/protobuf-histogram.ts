import type { WireReader } from "../../lib/protobuf-reader.ts";
import type { HistogramSpan, NativeHistogram } from "../../signals/native-histogram.ts";
import { ExemplarMessage, readTimestamp } from "./protobuf-exemplar.ts";

/** A Histogram message, classic and native parts; read again and again into the same arrays. */
export class HistogramMessage {
  #isRead = false;
  #count = 0n;
  #countFloat = 0;
  sum = 0;
  /** Since when it counts, in milliseconds since the epoch; 0 where that is not said. */
  created = 0;

  /** The classic buckets, in the order in which they come. Cutting an array is slow, so these keep their length. */
  bucketCount = 0;
  readonly #upperBounds: number[] = [];
  readonly #cumulativeCounts: number[] = [];
  /** By the position of their bucket; holes where a bucket has none. */
  readonly bucketExemplars: (ExemplarMessage | undefined)[] = [];

  #schema = 0;
  #zeroThreshold = 0;
  #zeroCount = 0n;
  #zeroCountFloat = 0;
  readonly #negative = new Side();
  readonly #positive = new Side();
  readonly exemplars: ExemplarMessage[] = [];

  clear(): void {
    if (!this.#isRead) return;
    this.#isRead = false;
    this.#count = 0n;
    this.#countFloat = 0;
    this.sum = 0;
    this.created = 0;
    this.bucketCount = 0;
    if (this.bucketExemplars.length > 0) this.bucketExemplars.length = 0;
    this.#schema = 0;
    this.#zeroThreshold = 0;
    this.#zeroCount = 0n;
    this.#zeroCountFloat = 0;
    this.#negative.clear();
    this.#positive.clear();
    if (this.exemplars.length > 0) this.exemplars.length = 0;
  }

  read(wire: WireReader): void {
    this.#isRead = true;
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field <= 4) this.#readClassicField(wire);
      else this.#readNativeField(wire);
    }
    wire.leave(outer);
  }

  /** A client that has seen nothing yet says with a span of length 0 that its histogram is native. */
  get isNative(): boolean {
    const hasSpans = this.#positive.spans.length > 0 || this.#negative.spans.length > 0;
    return hasSpans || this.#zeroThreshold > 0 || this.#zeroCount > 0n;
  }

  get count(): number {
    return this.#countFloat !== 0 ? this.#countFloat : Number(this.#count);
  }

  upperBound(bucket: number): number {
    return this.#upperBounds[bucket]!;
  }

  /** Of all observations up to the bound of the bucket. */
  cumulativeCount(bucket: number): number {
    return this.#cumulativeCounts[bucket]!;
  }

  /** The native part as it stands there. */
  native(isGauge: boolean): NativeHistogram {
    const [positive, negative] = [this.#positive, this.#negative];
    const fields = {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      sum: this.sum,
      positiveSpans: [...positive.spans],
      negativeSpans: [...negative.spans],
      isGauge,
    };
    if (this.#countFloat > 0 || this.#zeroCountFloat > 0) {
      const [positiveCounts, negativeCounts] = [[...positive.counts], [...negative.counts]];
      const [count, zeroCount] = [this.#countFloat, this.#zeroCountFloat];
      return { kind: "float", ...fields, count, zeroCount, positiveCounts, negativeCounts };
    }
    const [positiveDeltas, negativeDeltas] = [[...positive.deltas], [...negative.deltas]];
    const [count, zeroCount] = [this.#count, this.#zeroCount];
    return { kind: "integer", ...fields, count, zeroCount, positiveDeltas, negativeDeltas };
  }

  #readClassicField(wire: WireReader): void {
    if (wire.field === 1) this.#count = wire.uint64();
    else if (wire.field === 2) this.sum = wire.double();
    else if (wire.field === 3) this.#readBucket(wire);
    else this.#countFloat = wire.double();
  }

  #readNativeField(wire: WireReader): void {
    switch (wire.field) {
      case 5:
        this.#schema = wire.sint32();
        return;
      case 6:
        this.#zeroThreshold = wire.double();
        return;
      case 7:
        this.#zeroCount = wire.uint64();
        return;
      case 8:
        this.#zeroCountFloat = wire.double();
        return;
      case 15:
        this.created = readTimestamp(wire);
        return;
      case 16:
        this.exemplars.push(readExemplar(wire));
        return;
    }
    if (wire.field >= 9 && wire.field <= 11) this.#negative.read(wire, wire.field - 9);
    else if (wire.field >= 12 && wire.field <= 14) this.#positive.read(wire, wire.field - 12);
    else wire.skip();
  }

  #readBucket(wire: WireReader): void {
    let count = 0;
    let countFloat = 0;
    let upperBound = 0;
    let exemplar: ExemplarMessage | undefined;
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) count = wire.uint64AsNumber();
      else if (wire.field === 2) upperBound = wire.double();
      else if (wire.field === 3) exemplar = readExemplar(wire, exemplar);
      else if (wire.field === 4) countFloat = wire.double();
      else wire.skip();
    }
    wire.leave(outer);
    const bucket = this.bucketCount++;
    this.#upperBounds[bucket] = upperBound;
    this.#cumulativeCounts[bucket] = countFloat !== 0 ? countFloat : count;
    if (exemplar !== undefined) this.bucketExemplars[bucket] = exemplar;
  }
}

function readExemplar(wire: WireReader, exemplar = new ExemplarMessage()): ExemplarMessage {
  exemplar.read(wire);
  return exemplar;
}

/** The negative or the positive buckets of the native part: three fields in a row say spans, deltas and counts. */
class Side {
  readonly spans: HistogramSpan[] = [];
  readonly deltas: bigint[] = [];
  readonly counts: number[] = [];

  clear(): void {
    if (this.spans.length > 0) this.spans.length = 0;
    if (this.deltas.length > 0) this.deltas.length = 0;
    if (this.counts.length > 0) this.counts.length = 0;
  }

  read(wire: WireReader, field: number): void {
    if (field === 0) this.spans.push(readSpan(wire));
    else if (field === 1) wire.sint64s(this.deltas);
    else wire.doubles(this.counts);
  }
}

function readSpan(wire: WireReader): HistogramSpan {
  let offset = 0;
  let length = 0;
  const outer = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) offset = wire.sint32();
    else if (wire.field === 2) length = wire.uint32();
    else wire.skip();
  }
  wire.leave(outer);
  return { offset, length };
}
