import { WireWriter } from "../../lib/protobuf-writer.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import { metadataTypes } from "./series-heads.ts";

export interface MetadataBlock {
  readonly payload: Uint8Array;
  readonly families: number;
}

/** Families as blocks of remote write 1.0 without samples, at most `limit` families in each. */
export function metadataBlocks(families: readonly MetricMetadata[], limit: number): MetadataBlock[] {
  const blocks: MetadataBlock[] = [];
  for (let from = 0; from < families.length; from += limit) {
    const out = new WireWriter();
    const part = families.slice(from, from + limit);
    for (const { family, type, help, unit } of part) {
      out.message(metadataField, (metadata) => {
        metadata.uint64(1, BigInt(Math.max(0, metadataTypes.indexOf(type))));
        metadata.text(2, family);
        metadata.text(4, help);
        metadata.text(5, unit);
      });
    }
    blocks.push({ payload: new SnappyEncoder().compress(out.finish()), families: part.length });
  }
  return blocks;
}

/** Of a WriteRequest (prompb/remote.proto). */
const metadataField = 3;
