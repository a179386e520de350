import fc from "fast-check";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { BlockEncoder } from "../../../src/formats/remote-write/block-encoder.ts";
import { WriteRequestEncoder } from "../../../src/formats/remote-write/encode.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import { SeriesTable } from "../../../src/signals/series-table.ts";

const time = Date.UTC(2026, 0, 1);
const external = labelsFrom({ env: "prod" });

interface Step {
  readonly layout: number;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
  readonly staleFrom: number;
}

/** Encodes the steps with a BlockEncoder in blocks of `perBlock` steps, and each block with the plain encoder, too. */
function encodeBoth(
  series: SeriesTable,
  layouts: readonly (readonly number[])[],
  steps: readonly Step[],
  perBlock: number,
  rows = 7,
) {
  const encoder = new BlockEncoder(external, 1);
  const twin = new WriteRequestEncoder(external);
  const blocks: { block: Uint8Array; message: Buffer }[] = [];
  for (const [at, { layout, values, timestamps, staleFrom }] of steps.entries()) {
    const ids = layouts[layout] ?? [];
    const batch: MetricBatch = {
      series,
      layout: layout * 100 + staleFrom,
      ids: Uint32Array.from(ids),
      values: Float64Array.from(ids, (_, row) => values[row % values.length] ?? 0),
      timestamps: Float64Array.from(ids, (_, row) => timestamps[row % timestamps.length] ?? time),
      length: ids.length,
      staleFrom: Math.min(staleFrom, ids.length),
    };
    for (let from = 0; from < batch.length; from += rows) {
      const to = Math.min(from + rows, batch.length);
      encoder.append(batch, from, to);
      twin.append(batch, from, to);
    }
    if ((at + 1) % perBlock !== 0 && at + 1 < steps.length) continue;
    blocks.push({ block: encoder.take(), message: Buffer.from(twin.take()) });
  }
  return blocks;
}

function tableOf(names: readonly string[]): SeriesTable {
  const series = new SeriesTable();
  for (const name of names) series.add(labelsFrom({ __name__: name, instance: "a:1", job: "app" }));
  return series;
}

test("a block decodes to what the plain encoder makes of the same rows", () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Infinity, 1, 2 ** 53));
  const timestamp = fc.oneof(
    { weight: 8, arbitrary: fc.constant([time]) },
    { weight: 1, arbitrary: fc.constant([time, time + 1]) },
    { weight: 1, arbitrary: fc.constantFrom([0], [-1], [2 ** 42]) },
  );
  const step = fc.record({
    layout: fc.nat(2),
    values: fc.array(value, { minLength: 1, maxLength: 9 }),
    timestamps: timestamp,
    staleFrom: fc.constantFrom(99, 99, 3),
  });
  const layouts = fc.array(fc.array(fc.nat(11), { maxLength: 20 }), { minLength: 3, maxLength: 3 });
  const names = fc.array(fc.string({ minLength: 1, unit: "grapheme", maxLength: 40 }), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(
    fc.property(names, layouts, fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (...args) => {
      const [texts, ids, steps, perBlock] = args;
      for (const { block, message } of encodeBoth(tableOf(texts), ids, steps, perBlock)) {
        expect(Buffer.compare(Buffer.from(uncompress(block)), message)).toBe(0);
      }
    }),
  );
});

test("a layout that has come often is sent in a block whose size does not depend on the values", () => {
  const series = tableOf(Array.from({ length: 250 }, (_, id) => `http_requests_${id}_total`));
  const ids = Array.from({ length: 250 }, (_, id) => id);
  const steps = Array.from({ length: 4 }, (_, scrape) => ({
    layout: 0,
    values: ids.map((id) => (scrape < 2 ? 0 : Math.sin(id + scrape))),
    timestamps: [time + scrape * 1000],
    staleFrom: 250,
  }));
  const [plain, ...rendered] = encodeBoth(series, [ids], steps, 1, 250).map(({ block }) => block.length);
  expect(new Set(rendered).size).toBe(1);
  expect(rendered[0]).toBeGreaterThan(plain ?? 0);
});

test("labels longer than what a copy reaches are sent as they are", () => {
  const series = tableOf(["x".repeat(70_000), "y".repeat(200_000)]);
  const step = { layout: 0, values: [1], timestamps: [time], staleFrom: 9 };
  for (const { block, message } of encodeBoth(series, [[0, 1]], [step, step], 1)) {
    expect(Buffer.compare(Buffer.from(uncompress(block)), message)).toBe(0);
  }
});
