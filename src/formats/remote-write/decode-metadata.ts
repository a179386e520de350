import type { WireReader } from "../../lib/protobuf-reader.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import { metadataTypes } from "./series-heads.ts";

/** What a series of 2.0 says about its family; help and unit are numbers of symbols. */
export class SeriesMetadataFields {
  type = 0;
  help = 0;
  unit = 0;

  clear(): void {
    this.type = 0;
    this.help = 0;
    this.unit = 0;
  }

  read(wire: WireReader): void {
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field === 1) this.type = wire.int64AsNumber();
      else if (wire.field === 3) this.help = wire.int64AsNumber();
      else if (wire.field === 4) this.unit = wire.int64AsNumber();
      else wire.skip();
    }
    wire.leave(outer);
  }

  /** Undefined where it says nothing. */
  metadata(series: string, symbols: readonly string[]): MetricMetadata | undefined {
    const type = typeOf(this.type);
    const [help = "", unit = ""] = [symbols[this.help], symbols[this.unit]];
    if (type === "unknown" && help === "" && unit === "") return undefined;
    return { family: familyOf(series, type), type, help, unit };
  }
}

/** What a request of 1.0 says about a family, beside its series. */
export function readFamily(wire: WireReader, readText: () => string): MetricMetadata {
  const outer = wire.enter();
  let type = 0;
  const texts = { family: "", help: "", unit: "" };
  while (wire.next()) {
    if (wire.field === 1) type = wire.int64AsNumber();
    else if (wire.field === 2) texts.family = readText();
    else if (wire.field === 4) texts.help = readText();
    else if (wire.field === 5) texts.unit = readText();
    else wire.skip();
  }
  wire.leave(outer);
  return { type: typeOf(type), ...texts };
}

/** A type that is not known today says nothing. */
function typeOf(number: number): string {
  return metadataTypes[number] ?? "unknown";
}

/**
 * 2.0 does not say how a family is called. The series of a counter are called as their family here: whether the page had
 * left out `_total` is not to be seen.
 */
function familyOf(series: string, type: string): string {
  return series.replace(parts[type] ?? /$^/, "");
}

const parts: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|count|sum)$/,
  gaugehistogram: /_(?:bucket|gcount|gsum)$/,
  summary: /_(?:count|sum)$/,
};
