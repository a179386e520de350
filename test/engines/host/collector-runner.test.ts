import { expect, test } from "vitest";
import { type Collect, type Emit, gauge, NoData } from "../../../src/engines/host/collector.ts";
import { CollectorRunner, type CollectorTiming } from "../../../src/engines/host/collector-runner.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const family = gauge("node_x", "X.");

/** A collector under a clock that stands still, and the values that it has put on the page. */
function runner(collect: Collect, timing: Partial<CollectorTiming> = {}) {
  const clock = new FakeClock();
  const values: number[] = [];
  const emit: Emit = (_, __, value) => void values.push(value);
  const one = new CollectorRunner("x", collect, { timeoutMs: 8000, intervalMs: 0, ...timing }, clock);
  return { clock, values, run: () => one.run(emit) };
}

test("a collector that is done tells how long it took", async () => {
  const { clock, values, run } = runner(async (emit) => {
    await new Promise<void>((resolve) => clock.after(1500, resolve));
    emit(family, [], 1);
  });
  const pending = run();
  await clock.advance(1500);
  expect(await pending).toEqual({ collector: "x", durationSeconds: 1.5, isNoData: false });
  expect(values).toEqual([1]);
  expect(clock.pending).toBe(0);
});

test("what others do while it is awaited is no part of its time", async () => {
  const { clock, run } = runner((emit) => emit(family, [], 1));
  const pending = run();
  const meanwhile = clock.advance(1500);
  expect(await pending).toEqual({ collector: "x", durationSeconds: 0, isNoData: false });
  await meanwhile;
});

test("one that hangs has failed at its deadline, keeps what it had, and is not started again until it is back", async () => {
  const calls: (() => void)[] = [];
  const { clock, values, run } = runner(async (emit) => {
    emit(family, [], calls.length);
    await new Promise<void>((resolve) => calls.push(resolve));
    emit(family, [], 99);
  });
  const first = run();
  await clock.advance(8000);
  expect(await first).toMatchObject({ failure: "no result within 8 s", isNoData: false, durationSeconds: 8 });
  expect(await run()).toMatchObject({ failure: "it hangs since an earlier scrape", durationSeconds: 0 });
  expect(calls).toHaveLength(1);
  calls[0]?.();
  await clock.advance(0);
  expect(values).toEqual([0]);
  const again = run();
  calls[1]?.();
  expect(await again).toEqual({ collector: "x", durationSeconds: 0, isNoData: false });
  expect(values).toEqual([0, 1, 99]);
});

test("with an interval the last result is served between, also a failure", async () => {
  let count = 0;
  const { clock, values, run } = runner(
    (emit) => {
      emit(family, [], ++count);
      if (count === 2) throw new NoData("none");
    },
    { intervalMs: 60_000 },
  );
  await run();
  await clock.advance(15_000);
  await run();
  expect(values).toEqual([1, 1]);
  await clock.advance(44_990);
  expect(await run()).toMatchObject({ failure: "none", isNoData: true });
  await clock.advance(15_000);
  expect(await run()).toMatchObject({ failure: "none", isNoData: true });
  expect(values).toEqual([1, 1, 2, 2]);
});
