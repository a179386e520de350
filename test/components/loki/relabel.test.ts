import { expect, test } from "vitest";
import { lokiRelabel } from "../../../src/components/loki/relabel.ts";
import { harness } from "../../support/component-harness.ts";
import { LogRecorder, logBatch } from "../../support/log-batches.ts";
import { asUtf8 } from "../../support/log-rows.ts";

test("streams get new labels, and their entries stay as they are", async () => {
  const output = new LogRecorder();
  const { running } = harness(
    lokiRelabel,
    { rules: [{ source_labels: ["__journal__systemd_unit"], target_label: "unit" }] },
    output,
  );
  await running.input?.receive(logBatch({ __journal__systemd_unit: "ssh.service" }, ["a", "b"]));
  expect(output.batches).toEqual([
    logBatch({ __journal__systemd_unit: "ssh.service", unit: "ssh.service" }, ["a", "b"]),
  ]);
});

test("lines that came as bytes go on as bytes, and as lines for whoever asks", async () => {
  const output = new LogRecorder();
  const { running } = harness(lokiRelabel, { rules: [{ target_label: "env", replacement: "prod" }] }, output);
  const { batch } = asUtf8(logBatch({ app: "a" }, ["one", "two"]));
  await running.input?.receive(batch);
  expect(output.batches).toEqual([{ ...logBatch({ app: "a", env: "prod" }, ["one", "two"]), utf8: batch.utf8 }]);
});

test("a stream that the rules drop, or leave without labels, is dropped", async () => {
  const output = new LogRecorder();
  const { running, metrics } = harness(
    lokiRelabel,
    {
      rules: [
        { source_labels: ["app"], regex: "noise", action: "drop" },
        { regex: "pid", action: "labeldrop" },
      ],
    },
    output,
  );
  await running.input?.receive(logBatch({ app: "noise" }, ["a"]));
  await running.input?.receive(logBatch({ pid: "1" }, ["b", "c"]));
  await running.input?.receive(logBatch({ pid: "1", app: "web" }, ["d"]));
  expect(output.batches).toEqual([logBatch({ app: "web" }, ["d"])]);
  expect(metrics).toMatchObject({ processed: 4, written: 1 });
});

test("of the streams seen, those seen last are remembered", async () => {
  const { running, metrics } = harness(lokiRelabel, { rules: [], max_cache_size: 2 }, new LogRecorder());
  for (const app of ["a", "b", "a", "c", "a", "b"]) await running.input?.receive(logBatch({ app }, ["line"]));
  expect(metrics).toMatchObject({ hits: 2, misses: 4, size: 2 });
});
