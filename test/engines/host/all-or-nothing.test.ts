import { expect, test } from "vitest";
import { allOrNothing } from "../../../src/engines/host/all-or-nothing.ts";
import { type Emit, gauge } from "../../../src/engines/host/collector.ts";

const up = gauge("up", "Up.");

async function emitted(collect: (emit: Emit) => void | Promise<void>) {
  const values: number[] = [];
  const done = allOrNothing((_family, _labels, value) => void values.push(value), collect);
  const error: unknown = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { values, error };
}

test("all of it comes out in order, or nothing", async () => {
  expect(
    await emitted((emit) => {
      emit(up, [], 1);
      emit(up, [], 2);
    }),
  ).toEqual({ values: [1, 2], error: undefined });
  const gone = new Error("gone");
  expect(
    await emitted(async (emit) => {
      emit(up, [], 1);
      await Promise.reject(gone);
    }),
  ).toEqual({ values: [], error: gone });
});
