import { expect, test } from "vitest";
import { CustomMetrics } from "../../src/signals/custom-metrics.ts";

const counter = { name: "c", help: "", type: "counter", maxIdleMs: 1000 } as const;

function values(metrics: CustomMetrics): number[] {
  return metrics.gather().flatMap(({ samples }) => samples.map(({ value }) => value));
}

test("a metric that is defined as before goes on, and one that is defined otherwise begins anew", () => {
  const metrics = new CustomMetrics(() => 0);
  metrics.series(counter, []).add(2);
  metrics.series({ ...counter, help: "Better words." }, []).add(1);
  expect(values(metrics)).toEqual([3]);
  expect(metrics.gather()[0]?.help).toBe("Better words.");
  metrics.series({ ...counter, type: "gauge" }, []).add(1);
  expect(values(metrics)).toEqual([1]);
  metrics.series({ ...counter, type: "histogram", buckets: [1] }, []).observe(1);
  metrics.series({ ...counter, type: "histogram", buckets: [2] }, []).observe(1);
  expect(metrics.gather()[0]?.samples.at(-1)?.value).toBe(1);
});

test("metrics that are not kept are forgotten", () => {
  const metrics = new CustomMetrics(() => 0);
  metrics.series(counter, []).add(1);
  metrics.series({ ...counter, name: "d" }, []).add(1);
  metrics.keep(new Set(["d"]));
  expect(metrics.gather().map(({ name }) => name)).toEqual(["d"]);
});
