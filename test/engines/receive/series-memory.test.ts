import { expect, test } from "vitest";
import { SeriesMemory } from "../../../src/engines/receive/series-memory.ts";
import { writeRequestV1 } from "../../reference/write-messages.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const hour = 3_600_000;

/** One request with a sample of each of these series; returns the table they are in. */
function receive(memory: SeriesMemory, names: readonly string[]): object {
  const series = names.map((name) => ({
    labels: [["__name__", name]] as const,
    samples: [{ bits: 0n, timestamp: 1 }],
    histograms: [],
    exemplars: [],
  }));
  const decoder = memory.decoder();
  const { batches } = decoder.decode(writeRequestV1(series), "prometheus.WriteRequest");
  memory.note(batches);
  return batches[0]!.series;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

test("a table is given up after an hour in which most of its series were silent", async () => {
  const clock = new FakeClock();
  const memory = new SeriesMemory(clock);
  const first = receive(memory, [...names("stays", 100), ...names("goes", 1300)]);
  await clock.advance(hour);
  expect(receive(memory, names("stays", 100))).toBe(first);
  await clock.advance(hour - 1);
  expect(receive(memory, names("stays", 100))).toBe(first);
  await clock.advance(1);
  expect(receive(memory, names("stays", 100))).not.toBe(first);
  expect(memory.size).toBe(100);
});

test("a table whose series still come is kept", async () => {
  const clock = new FakeClock();
  const memory = new SeriesMemory(clock);
  const first = receive(memory, names("stays", 1500));
  for (let hours = 0; hours < 5; hours++) {
    await clock.advance(hour);
    expect(receive(memory, names("stays", 1500))).toBe(first);
  }
});
