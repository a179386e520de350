import { RequestEncoder } from "../../src/formats/remote-write/request-encoder.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";
import { batchToEncode, row, samples } from "./encode.ts";
import type { BenchRow } from "./row.ts";

/** The same rows as a request of remote write 2.0, which has type and help of each series, too. */
export async function bench(): Promise<BenchRow[]> {
  const batch = batchToEncode();
  const name = "http_request_duration_seconds";
  const family = { family: name, type: "histogram", help: "How long requests take.", unit: "seconds" };
  batch.series.metadata = { metadataVersion: 1, metadata: () => [family] };
  const template = new RequestEncoder(labelsFrom({ env: "prod", host: "vm-17" }), 1);
  // Start timestamps have no place in a template.
  const unusual = { ...batch, startTimestamps: new Float64Array(samples) };
  rendered(template, batch);
  rendered(template, batch);
  return [
    row("2.0: template", bytesPerSample(rendered(template, batch)), () => {
      for (let at = 0; at < samples; at++) batch.values[at]! += 1;
      rendered(template, batch);
    }),
    row("2.0: plain", bytesPerSample(rendered(template, unusual)), () => rendered(template, unusual), 40),
    row(
      "2.0: a new layout",
      "",
      () => {
        batch.layout++;
        rendered(template, batch);
        rendered(template, batch);
      },
      20,
    ),
  ];
}

function rendered(encoder: RequestEncoder, batch: MetricBatch): Uint8Array {
  encoder.standsAlone(batch, 0, samples);
  encoder.append(batch, 0, samples);
  return encoder.take();
}

function bytesPerSample(block: Uint8Array): string {
  return `${(block.length / samples).toFixed(1)} bytes`;
}
