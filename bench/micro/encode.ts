import { compress } from "snappyjs";
import { BlockEncoder } from "../../src/formats/remote-write/block-encoder.ts";
import { WriteRequestEncoder } from "../../src/formats/remote-write/encode.ts";
import { SnappyEncoder } from "../../src/lib/snappy.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";
import { SeriesTable } from "../../src/signals/series-table.ts";
import type { BenchRow } from "./row.ts";

export const samples = 2000;
const rounds = 400;

/** From rows to the wire: the protobuf message of one request, and its compression. */
export async function bench(): Promise<BenchRow[]> {
  const batch = batchToEncode();
  const encoder = new WriteRequestEncoder(labelsFrom({ env: "prod", host: "vm-17" }));
  const snappy = new SnappyEncoder();

  const template = new BlockEncoder(labelsFrom({ env: "prod", host: "vm-17" }), 1);
  rendered(template, batch);
  encoder.append(batch, 0, samples);
  const message = encoder.take().slice();
  const size = `${(message.length / samples).toFixed(0)} bytes`;
  return [
    row("encode: cached label bytes", size, () => {
      for (let at = 0; at < samples; at++) batch.values[at]! += 1;
      encoder.append(batch, 0, samples);
      encoder.take();
    }),
    row("encode: first sight of a series", "", () => {
      const fresh = new WriteRequestEncoder([]);
      fresh.append(batch, 0, samples);
    }),
    row("template: encode and snappy at once", bytesPerSample(rendered(template, batch)), () => {
      for (let at = 0; at < samples; at++) batch.values[at]! += 1;
      rendered(template, batch);
    }),
    row("template: a new layout", "", () => {
      batch.layout++;
      rendered(template, batch);
      rendered(template, batch);
    }),
    row("snappy", bytesPerSample(snappy.compress(message)), () => snappy.compress(message)),
    row("snappy: snappyjs", bytesPerSample(compress(message)), () => compress(message)),
  ];
}

/** One target with the series of many histograms. */
export function batchToEncode() {
  const series = new SeriesTable();
  for (let id = 0; id < samples; id++) series.add(labelsOf(id));
  return {
    series,
    layout: 1,
    ids: Uint32Array.from({ length: samples }, (_, id) => id),
    values: Float64Array.from({ length: samples }, (_, id) => (id * 7919) % 10_007),
    timestamps: new Float64Array(samples).fill(Date.UTC(2026, 0, 1)),
    length: samples,
    staleFrom: samples,
  };
}

function rendered(encoder: BlockEncoder, batch: MetricBatch): Uint8Array {
  for (let from = 0; from < samples; from += 250) encoder.append(batch, from, from + 250);
  return encoder.take();
}

export function row(stage: string, note: string, run: () => unknown, repeats = rounds): BenchRow {
  const times = Array.from({ length: repeats }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  times.sort((a, b) => a - b);
  return { stage, nsPerSample: (times[repeats / 2]! * 1e6) / samples, note };
}

function bytesPerSample(block: Uint8Array): string {
  return `${(block.length / samples).toFixed(1)} bytes`;
}

function labelsOf(id: number) {
  return labelsFrom({
    __name__: `http_request_duration_seconds_${id % 3 === 0 ? "count" : "bucket"}`,
    handler: `/api/v1/resource/${Math.floor(id / 12)}`,
    instance: "10.0.12.34:8080",
    job: "api-server",
    le: String(0.005 * 2 ** (id % 12)),
    method: id % 24 < 12 ? "GET" : "POST",
  });
}
