import { isUtf8 } from "node:buffer";
import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { ExpositionError } from "./exposition-error.ts";
import { FieldBytes } from "./field-bytes.ts";

/** By their numbers in a MetricFamily message. */
const types = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"] as const;

export type ProtobufType = (typeof types)[number];

/** A MetricFamily message: where its metrics are, and the bytes of everything else. */
export class FamilyMessage {
  readonly header = new FieldBytes();
  /** From and to, from and to, … */
  readonly metrics: number[] = [];

  /** Reads what the window of `wire` holds. */
  read(wire: WireReader): void {
    this.header.open(wire.bytes);
    this.metrics.length = 0;
    while (wire.next()) {
      if (wire.field === 4) this.metrics.push(wire.takeBytes(), wire.at);
      else this.#addToHeader(wire);
    }
    this.header.close();
  }

  #addToHeader(wire: WireReader): void {
    if (wire.field === 3) wire.int32();
    else if (wire.field <= 5) wire.takeBytes();
    else wire.skip();
    this.header.add(wire.fieldStart, wire.at);
  }
}

/** What the header of a family says. */
export interface FamilyHeader {
  readonly name: string;
  readonly type: ProtobufType;
  readonly help: string;
  readonly unit: string;
}

/** Reads and checks a header. */
export function readFamilyHeader(header: Buffer): FamilyHeader {
  const wire = new WireReader();
  wire.open(header, viewOf(header), 0, header.length);
  let name: Buffer = Buffer.alloc(0);
  let help = name;
  let unit = name;
  let type = 0;
  while (wire.next()) {
    if (wire.field === 1) name = takeBytes(wire);
    else if (wire.field === 2) help = takeBytes(wire);
    else if (wire.field === 3) type = wire.int32();
    else if (wire.field === 5) unit = takeBytes(wire);
    else wire.skip();
  }
  if (name.length === 0) throw new ExpositionError("a metric family without a name");
  if (!isUtf8(name)) throw new ExpositionError("invalid UTF-8 in the name of a metric family");
  const text = name.toString("utf8");
  if (!isUtf8(help)) throw new ExpositionError(`invalid UTF-8 in the help of "${text}"`);
  const known = types[type];
  if (known === undefined) throw new ExpositionError(`"${text}" has the unknown metric type ${type}`);
  checkUnit(text, known, unit.toString("utf8"));
  return { name: text, type: known, help: help.toString("utf8"), unit: unit.toString("utf8") };
}

/** A metric's name ends with its unit; in counters `_total` comes behind it. */
function checkUnit(name: string, type: ProtobufType, unit: string): void {
  const measured = type === "counter" && name.endsWith("_total") ? name.slice(0, -"_total".length) : name;
  if (unit === "" || measured.endsWith(`_${unit}`)) return;
  throw new ExpositionError(`the unit "${unit}" is no suffix of the name "${name}"`);
}

function takeBytes(wire: WireReader): Buffer {
  const from = wire.takeBytes();
  return wire.bytes.subarray(from, wire.at);
}
