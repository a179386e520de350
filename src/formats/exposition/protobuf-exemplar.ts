import { isUtf8 } from "node:buffer";
import type { WireReader } from "../../lib/protobuf-reader.ts";
import { compareUtf8 } from "../../signals/labels.ts";
import { exemplarLabels } from "./exemplar-labels.ts";
import type { RowExemplar } from "./rows.ts";

/** An Exemplar message. Reading into one that is there already merges, as protobuf does with a field that comes twice. */
export class ExemplarMessage {
  readonly #labels: (readonly [name: string, value: string])[] = [];
  #isText = true;
  #value = 0;
  /** Milliseconds since the epoch; NaN where there is none. */
  timestamp = Number.NaN;

  read(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.#readLabel(wire);
      else if (wire.field === 2) this.#value = wire.double();
      else if (wire.field === 3) this.timestamp = readTimestamp(wire);
      else wire.skip();
    }
    wire.leave(outer);
  }

  /** Undefined where Prometheus does not take the exemplar, though its sample is fine. */
  of(row: number): RowExemplar | undefined {
    const labels = this.#isText ? exemplarLabels(this.#labels) : undefined;
    return labels && { row, labels, value: this.#value, timestamp: this.timestamp };
  }

  #readLabel(wire: WireReader): void {
    const texts: [name: string, value: string] = ["", ""];
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1 || wire.field === 2) texts[wire.field - 1] = this.#readText(wire);
      else wire.skip();
    }
    wire.leave(outer);
    this.#labels.push(texts);
  }

  #readText(wire: WireReader): string {
    const from = wire.takeBytes();
    const bytes = wire.bytes.subarray(from, wire.at);
    this.#isText &&= isUtf8(bytes);
    return bytes.toString("utf8");
  }
}

/** Prometheus sorts the exemplars of a native histogram before it takes them (exemplar.Compare). */
export function compareExemplars(a: RowExemplar, b: RowExemplar): number {
  return a.timestamp - b.timestamp || a.value - b.value || compareUtf8(a.labels.join("\0"), b.labels.join("\0"));
}

/** A google.protobuf.Timestamp, in milliseconds. */
export function readTimestamp(wire: WireReader): number {
  let seconds = 0;
  let nanos = 0;
  const outer = wire.enter();
  while (wire.next()) {
    if (wire.field === 1) seconds = wire.int64AsNumber();
    else if (wire.field === 2) nanos = wire.int32();
    else wire.skip();
  }
  wire.leave(outer);
  return seconds * 1000 + Math.trunc(nanos / 1_000_000);
}
