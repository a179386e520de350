import { isUtf8 } from "node:buffer";
import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { ExpositionError } from "./exposition-error.ts";
import type { FieldBytes } from "./field-bytes.ts";

/** Throws for labels that are no text. */
export function checkLabels({ bytes, from, to }: FieldBytes): void {
  readLabels(bytes.subarray(from, to));
}

/** Name, value, name, value, … of the Label fields that these bytes are. Throws for what is no text. */
export function readLabels(bytes: Buffer): string[] {
  const wire = new WireReader();
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  const labels: string[] = [];
  while (wire.next()) {
    let name = "";
    let value = "";
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) name = readText(wire, "name");
      else if (wire.field === 2) value = readText(wire, "value");
      else wire.skip();
    }
    wire.leave(outer);
    labels.push(name, value);
  }
  return labels;
}

function readText(wire: WireReader, what: "name" | "value"): string {
  const from = wire.takeBytes();
  const bytes = wire.bytes.subarray(from, wire.at);
  if (!isUtf8(bytes)) throw new ExpositionError(`invalid UTF-8 in the ${what} of a label`);
  if (what === "name" && bytes.length === 0) throw new ExpositionError("a label with an empty name");
  return bytes.toString("utf8");
}
