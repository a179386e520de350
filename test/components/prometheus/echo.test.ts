import { expect, test } from "vitest";
import { prometheusEchoTo } from "../../../src/components/prometheus/echo.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import { batchOf } from "../../support/batches.ts";
import { harness } from "../../support/component-harness.ts";

async function printed(config: object, batch: MetricBatch): Promise<string> {
  let text = "";
  const component = prometheusEchoTo((more) => {
    text += more;
  });
  await harness(component, config, { receive: () => Promise.resolve() }).running.input?.receive(batch);
  return text;
}

const target = { job: "api", instance: "localhost:8080" };

const batch = batchOf(
  [
    { labels: { __name__: "up", ...target }, value: 1, timestamp: 1000 },
    { labels: { __name__: "load", ...target, path: 'C:\\ "x"\n' }, value: 1e21, timestamp: 1000 },
    { labels: { __name__: "http.requests", ...target, "k8s.pod": "a" }, value: Number.POSITIVE_INFINITY, timestamp: 1 },
    { labels: { __name__: "bare" }, value: 0.5, timestamp: 1 },
  ],
  [{ labels: { __name__: "gone", ...target }, timestamp: 1000 }],
);

test("text is a line for each sample", async () => {
  expect(await printed({}, batch)).toBe(`\
up{instance="localhost:8080",job="api"} 1 1000
load{instance="localhost:8080",job="api",path="C:\\\\ \\"x\\"\\n"} 1e+21 1000
{"http.requests",instance="localhost:8080",job="api","k8s.pod"="a"} +Inf 1
bare 0.5 1
gone{instance="localhost:8080",job="api"} stale 1000
`);
});

test("summary is a line for each batch", async () => {
  expect(await printed({ format: "summary" }, batch)).toBe(`job="api" instance="localhost:8080" 4 samples, 1 stale\n`);
  const fresh = batchOf([{ labels: target }]);
  expect(await printed({ format: "summary" }, fresh)).toBe(`job="api" instance="localhost:8080" 1 samples\n`);
});
