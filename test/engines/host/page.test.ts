import { expect, test } from "vitest";
import { counter, gauge } from "../../../src/engines/host/collector.ts";
import { Page } from "../../../src/engines/host/page.ts";

test("samples of one name become one family, whoever emits them and when", () => {
  const page = new Page();
  const up = gauge("up", "Up.");
  const cpu = counter("cpu_total", "CPU.");
  page.emit(cpu, ["cpu", "1"], 1);
  page.emit(up, [], 1);
  page.emit(cpu, ["cpu", "0"], 2);
  expect(page.families()).toEqual([
    {
      name: "cpu_total",
      help: "CPU.",
      type: "counter",
      samples: [
        { name: "cpu_total", labels: ["cpu", "1"], value: 1 },
        { name: "cpu_total", labels: ["cpu", "0"], value: 2 },
      ],
    },
    { name: "up", help: "Up.", type: "gauge", samples: [{ name: "up", labels: [], value: 1 }] },
  ]);
});

test("a family that comes with another help text or type is left out and told of", () => {
  const page = new Page();
  page.emit(gauge("m", "One."), [], 1);
  page.emit(gauge("m", "Two."), ["a", "1"], 2);
  page.emit(counter("m", "One."), ["a", "2"], 3);
  page.emit(gauge("m", "One."), ["a", "3"], 4);
  expect(page.families().map(({ samples }) => samples.map(({ value }) => value))).toEqual([[1, 4]]);
  expect(page.conflicts()).toEqual(["m has another help text or type than what was collected before"]);
});

test("a series may have another name than its family", () => {
  const page = new Page();
  page.emit({ name: "h", help: "H.", type: "histogram" }, [], 1, "h_sum");
  expect(page.families()[0]?.samples).toEqual([{ name: "h_sum", labels: [], value: 1 }]);
});
