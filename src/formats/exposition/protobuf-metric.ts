import type { WireReader } from "../../lib/protobuf-reader.ts";
import { FieldBytes } from "./field-bytes.ts";
import { ExemplarMessage, readTimestamp } from "./protobuf-exemplar.ts";
import { HistogramMessage } from "./protobuf-histogram.ts";

/**
 * A Metric message, read again and again into the same fields. All of its fields are read, whatever the family's type:
 * bytes that are no message fail the page in Prometheus, too, even where nobody asks for them.
 */
export class MetricMessage {
  /** The labels, as they stand there. */
  readonly labels = new FieldBytes();
  /** Milliseconds since the epoch, or NaN: 0 is no timestamp. */
  timestamp = Number.NaN;
  readonly gauge = new NumberMessage();
  readonly counter = new NumberMessage();
  readonly untyped = new NumberMessage();
  readonly summary = new SummaryMessage();
  readonly histogram = new HistogramMessage();

  /** Reads what the window of `wire` holds. */
  read(wire: WireReader): void {
    this.#clear(wire);
    while (wire.next()) this.#readField(wire);
    this.labels.close();
  }

  #readField(wire: WireReader): void {
    switch (wire.field) {
      case 1:
        wire.takeBytes();
        this.labels.add(wire.fieldStart, wire.at);
        return;
      case 2:
        this.gauge.read(wire);
        return;
      case 3:
        this.counter.readCounter(wire);
        return;
      case 4:
        this.summary.read(wire);
        return;
      case 5:
        this.untyped.read(wire);
        return;
      case 6:
        this.timestamp = wire.int64AsNumber() || Number.NaN;
        return;
      case 7:
        this.histogram.read(wire);
        return;
      default:
        wire.skip();
    }
  }

  #clear(wire: WireReader): void {
    this.labels.open(wire.bytes);
    this.timestamp = Number.NaN;
    this.gauge.clear();
    this.counter.clear();
    this.untyped.clear();
    this.summary.clear();
    this.histogram.clear();
  }
}

/** A Gauge, a Counter or an Untyped message. */
export class NumberMessage {
  value = 0;
  /** Of a counter: since when it counts, in milliseconds since the epoch; 0 where that is not said. */
  created = 0;
  exemplar: ExemplarMessage | undefined;

  clear(): void {
    this.value = 0;
    this.created = 0;
    this.exemplar = undefined;
  }

  read(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.value = wire.double();
      else wire.skip();
    }
    wire.leave(outer);
  }

  readCounter(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.value = wire.double();
      else if (wire.field === 2) this.#readExemplar(wire);
      else if (wire.field === 3) this.created = readTimestamp(wire);
      else wire.skip();
    }
    wire.leave(outer);
  }

  #readExemplar(wire: WireReader): void {
    this.exemplar ??= new ExemplarMessage();
    this.exemplar.read(wire);
  }
}

class SummaryMessage {
  count = 0;
  sum = 0;
  /** As that of a counter. */
  created = 0;
  readonly quantiles: number[] = [];
  readonly values: number[] = [];

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.created = 0;
    if (this.quantiles.length === 0) return;
    this.quantiles.length = 0;
    this.values.length = 0;
  }

  read(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.count = wire.uint64AsNumber();
      else if (wire.field === 2) this.sum = wire.double();
      else if (wire.field === 3) this.#readQuantile(wire);
      else if (wire.field === 4) this.created = readTimestamp(wire);
      else wire.skip();
    }
    wire.leave(outer);
  }

  #readQuantile(wire: WireReader): void {
    let quantile = 0;
    let value = 0;
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) quantile = wire.double();
      else if (wire.field === 2) value = wire.double();
      else wire.skip();
    }
    wire.leave(outer);
    this.quantiles.push(quantile);
    this.values.push(value);
  }
}
