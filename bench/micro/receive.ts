import { uncompress } from "snappyjs";
import { RequestDecoder } from "../../src/formats/remote-write/decode.ts";
import { WriteRequestEncoder } from "../../src/formats/remote-write/encode.ts";
import { SnappyEncoder } from "../../src/lib/snappy.ts";
import { decompress } from "../../src/lib/snappy-decode.ts";
import { Interner } from "../../src/signals/interner.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import { SeriesRegistry } from "../../src/signals/series-registry.ts";
import { SeriesTable } from "../../src/signals/series-table.ts";
import type { BenchRow } from "./row.ts";

const samples = 2000;
const rounds = 200;
const limit = 32 * 2 ** 20;

/** From the wire to rows: what one request of remote write 1.0 costs whoever receives it. */
export async function bench(): Promise<BenchRow[]> {
  const message = requestOf(samples);
  const block = new SnappyEncoder().compress(message);
  const newDecoder = () => new RequestDecoder(new SeriesRegistry(new Interner()));
  const decoder = newDecoder();
  return [
    row("receive: snappy", () => decompress(block, limit)),
    row("receive: snappyjs", () => uncompress(block)),
    row("receive: known series", () => decoder.decode(message, "prometheus.WriteRequest")),
    row("receive: first sight of a series", () => newDecoder().decode(message, "prometheus.WriteRequest")),
  ];
}

function requestOf(count: number): Buffer {
  const series = new SeriesTable();
  const ids = Uint32Array.from({ length: count }, (_, id) =>
    series.add(
      labelsFrom({
        __name__: `node_metric_${id % 40}_total`,
        instance: "vm-17.internal.example:9100",
        job: "integrations/unix",
        path: `/api/v1/resource/${id}`,
      }),
    ),
  );
  const values = Float64Array.from(ids, (id) => (id * 7919) % 10_007);
  const timestamps = new Float64Array(count).fill(Date.UTC(2026, 0, 1));
  const encoder = new WriteRequestEncoder([]);
  encoder.append({ series, layout: 1, ids, values, timestamps, length: count, staleFrom: count }, 0, count);
  return Buffer.from(encoder.take());
}

function row(stage: string, run: () => unknown): BenchRow {
  for (let round = 0; round < rounds / 4; round++) run();
  const started = performance.now();
  for (let round = 0; round < rounds; round++) run();
  return { stage, nsPerSample: ((performance.now() - started) * 1e6) / rounds / samples };
}
