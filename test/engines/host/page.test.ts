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
