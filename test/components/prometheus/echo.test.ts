import { expect, test } from "vitest";
import { prometheusEchoTo } from "../../../src/components/prometheus/echo.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
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

test("histograms and exemplars have lines of their own", async () => {
  const whole: NativeHistogram = {
    kind: "integer",
    schema: 1,
    zeroThreshold: 0.001,
    sum: 18.4,
    count: 12n,
    zeroCount: 2n,
    positiveSpans: [
      { offset: -1, length: 2 },
      { offset: 1, length: 1 },
    ],
    negativeSpans: [],
    positiveDeltas: [1n, 1n, -1n],
    negativeDeltas: [],
    isGauge: false,
  };
  const { kind: _kind, positiveDeltas: _positive, negativeDeltas: _negative, ...fields } = whole;
  const fraction: NativeHistogram = {
    ...fields,
    kind: "float",
    count: 2.5,
    zeroCount: 0.5,
    positiveCounts: [1, 0.5, 0.5],
    negativeCounts: [],
  };
  const { zeroThreshold: _threshold, ...rest } = whole;
  const custom: NativeHistogram = {
    ...rest,
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0n,
    customValues: [0.5, 1, 1e6],
    positiveSpans: [{ offset: 0, length: 3 }],
  };
  const mixed: MetricBatch = {
    ...batchOf([{ labels: { __name__: "h", ...target }, value: 1, timestamp: 1000 }]),
    histograms: [
      { id: 0, histogram: whole, timestamp: 1000 },
      { id: 0, histogram: fraction, timestamp: 1001 },
      { id: 0, histogram: custom, timestamp: 1002 },
    ],
    exemplars: [
      { id: 0, labels: ["trace.id", "x"], value: 0.5, timestamp: 999 },
      { id: 0, labels: [], value: 1, timestamp: 998 },
    ],
  };
  expect(await printed({}, mixed)).toBe(`\
h{instance="localhost:8080",job="api"} 1 1000
h{instance="localhost:8080",job="api"} {count=12 sum=18.4 schema=1 zero=2 positive=-1:1,0:2,2:1 negative=} 1000
h{instance="localhost:8080",job="api"} {count=2.5 sum=18.4 schema=1 zero=0.5 positive=-1:1,0:0.5,2:0.5 negative=} 1001
h{instance="localhost:8080",job="api"} {count=12 sum=18.4 bounds=0.5,1,1e+06 positive=0:1,1:2,2:1} 1002
h{instance="localhost:8080",job="api"} # {"trace.id"="x"} 0.5 999
h{instance="localhost:8080",job="api"} # {} 1 998
`);
  expect(await printed({ format: "summary" }, mixed)).toBe(
    `job="api" instance="localhost:8080" 1 samples, 3 histograms, 2 exemplars\n`,
  );
});
