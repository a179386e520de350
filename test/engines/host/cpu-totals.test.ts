import { expect, test } from "vitest";
import { CpuTotals } from "../../../src/engines/host/cpu-totals.ts";

const cpu = (user: number, idle: number) => [user, 0, 0, idle, 0, 0, 0, 0, 0, 0];

test("a counter that falls a little stays where it was", () => {
  const totals = new CpuTotals();
  totals.update(new Map([[0, cpu(10, 100)]]));
  expect(totals.update(new Map([[0, cpu(9.99, 97.01)]]))).toEqual(new Map([[0, cpu(10, 100)]]));
  expect(totals.update(new Map([[0, cpu(11, 99)]]))).toEqual(new Map([[0, cpu(11, 100)]]));
});

test("a CPU whose idle time falls by three seconds begins anew", () => {
  const totals = new CpuTotals();
  totals.update(
    new Map([
      [0, cpu(10, 100)],
      [1, cpu(10, 100)],
    ]),
  );
  expect(
    totals.update(
      new Map([
        [0, cpu(1, 97)],
        [1, cpu(1, 100)],
      ]),
    ),
  ).toEqual(
    new Map([
      [0, cpu(1, 97)],
      [1, cpu(10, 100)],
    ]),
  );
});

test("a CPU that is gone is forgotten", () => {
  const totals = new CpuTotals();
  totals.update(new Map([[1, cpu(10, 100)]]));
  expect(totals.update(new Map())).toEqual(new Map());
  expect(totals.update(new Map([[1, cpu(2, 99)]]))).toEqual(new Map([[1, cpu(2, 99)]]));
});
