import { expect, test } from "vitest";
import { ComponentMetrics } from "../../../src/agent/self-metrics.ts";
import { lokiProcess } from "../../../src/components/loki/process.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";
import type { Receiver, Signal } from "../../../src/signals/receiver.ts";
import { harness } from "../../support/component-harness.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { fakeWorld, recordingLogger } from "../../support/graph-fixtures.ts";

function batchOf(...lines: readonly string[]): LogBatch {
  return { stream: labelsFrom({ app: "a" }), timestamps: BigInt64Array.from(lines, () => 0n), lines };
}

function recordingOutput(): Receiver<Signal> & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    receive(batch) {
      lines.push(...(batch as LogBatch).lines);
      return Promise.resolve();
    },
  };
}

test("loki.process counts what its stages drop and cut", async () => {
  const output = recordingOutput();
  const stages = [
    { drop: { expression: "^x" } },
    { sampling: { rate: 1 } },
    { truncate: { rules: [{ limit: "3B" }] } },
    { limit: { rate: 1, burst: 1, drop: true, by_label_name: "app" } },
  ];
  const { running, metrics } = harness(lokiProcess, { stages }, output);
  await running.input?.receive(batchOf("x", "1234", "12", "x"));
  expect(output.lines).toEqual(["123"]);
  expect(metrics).toEqual({
    'dropped{reason="drop_stage"}': 2,
    'truncated{field="line"}': 1,
    'dropped{reason="ratelimit_drop_stage"}': 1,
    'droppedByLabel{label_name="app",label_value="a"}': 1,
  });
});

test("loki.process counts unfinished lines of containers that it lets go or cuts", async () => {
  const cri = { max_partial_lines: 1, max_partial_line_size: 1, max_partial_line_size_truncate: true };
  const { running, metrics } = harness(lokiProcess, { stages: [{ cri }] }, recordingOutput());
  void running.input?.receive(batchOf("2026-01-01T00:00:00Z stdout P ab", "2026-01-01T00:00:00Z stderr P c"));
  expect(metrics).toEqual({ criTruncated: 1, criFlushed: 1 });
});

test("loki.process without stages passes entries on as they are", async () => {
  const output = recordingOutput();
  await harness(lokiProcess, {}, output).running.input?.receive(batchOf("1", "2"));
  expect(output.lines).toEqual(["1", "2"]);
});

test("metrics of log lines outlive a reload, and go when the config no longer has them", async () => {
  const clock = new FakeClock();
  const meters = new ComponentMetrics(() => clock.monotonic());
  const start = (...names: readonly string[]) => {
    const counters = names.map((name) => ({
      name,
      prefix: "log_",
      description: "Lines.",
      action: "inc",
      match_all: true,
    }));
    const config = lokiProcess.config.parse({ stages: [{ metrics: { counters } }] });
    const running = lokiProcess.create(config, {
      id: "loki.process.app",
      output: recordingOutput(),
      metrics: meters.meters("loki.process.app", lokiProcess),
      log: recordingLogger([]),
      dataDir: "/nowhere",
      configDir: "/nowhere",
      world: fakeWorld(clock),
      setHealth() {},
    });
    const stop = new AbortController();
    const ended = running.run?.(stop.signal);
    return {
      receive: (batch: LogBatch) => running.input?.receive(batch),
      async end() {
        stop.abort();
        await ended;
      },
    };
  };
  const own = async () => renderFamilies((await meters.gather()).filter(({ name }) => name.startsWith("log_")));

  const first = start("lines", "others");
  await first.receive(batchOf("1", "2"));
  await first.end();
  const second = start("lines");
  await second.receive(batchOf("3"));
  expect(await own()).toBe(`# HELP log_lines Lines.
# TYPE log_lines counter
log_lines{app="a",component_id="loki.process.app"} 3
`);
  await second.end();
});
