import type { Component } from "../../component.ts";
import { mistake } from "../../config/diagnostic.ts";
import type { Environment } from "../../config/interpolate.ts";
import { relabelInSteps } from "../../formats/relabel/explain.ts";
import type { Clock } from "../../lib/clock.ts";
import { labelRecord, labelsFrom } from "../../signals/labels.ts";
import { componentRules, type Found, findComponent } from "../component-rules.ts";
import { logPipelineOf } from "../log-pipeline.ts";
import { compareEntries, type FoundEntry } from "./compare.ts";
import { type ConfigTest, readTestFile, type TestFile } from "./test-file.ts";

export interface TestResult {
  readonly name: string;
  /** What is not as expected, line by line; none means that the test passes. */
  readonly differences: readonly string[];
}

/** Takes the entries of a test through a component. */
type Runner = (test: ConfigTest) => readonly FoundEntry[];

/** Runs the tests of a file, or says what is wrong with the file or its config. */
export function runTestFile(
  path: string,
  manifest: readonly Component[],
  environment: Environment,
): Found<{ readonly results: readonly TestResult[] }> {
  const read = readTestFile(path, environment);
  if (!read.ok) return read;
  const runner = runnerOf(read.file, manifest);
  if (!runner.ok) return runner;
  const results = read.file.tests.map((test) => ({
    name: test.name,
    differences: compareEntries(test.expect, runner.run(test)),
  }));
  return { ok: true, results };
}

function runnerOf(file: TestFile, manifest: readonly Component[]): Found<{ readonly run: Runner }> {
  const { component: id, configPath, environment } = file;
  const found = findComponent(configPath, id, manifest, environment);
  if (!found.ok) return found;
  const { component } = found;
  if (component.component.type !== "loki.process") return relabeling(file, manifest);
  const pipeline = logPipelineOf(component, worldAt(0n));
  if (!pipeline.ok) return pipeline;
  // Each test has stages of its own: what one holds back is no matter of the next.
  const run: Runner = (test) => {
    const fresh = logPipelineOf(component, worldAt(test.now));
    return fresh.ok ? through(fresh.pipeline, test) : [];
  };
  return { ok: true, run };
}

function through(pipeline: Extract<ReturnType<typeof logPipelineOf>, { ok: true }>["pipeline"], test: ConfigTest) {
  const runs = test.input.map(({ line = "", labels, metadata = {}, time }) =>
    pipeline.process({ line, labels: { ...test.labels, ...labels }, metadata, timestamp: time ?? test.now }),
  );
  return [...runs, pipeline.end()].flatMap(({ entries }) => entries);
}

/** What the rules of a component make of label sets. */
function relabeling(file: TestFile, manifest: readonly Component[]): Found<{ readonly run: Runner }> {
  const { component: id, configPath, environment, tests } = file;
  const found = componentRules(configPath, id, undefined, manifest, environment);
  if (!found.ok) return found;
  const all = tests.flatMap(({ input, expect }) => [...input, ...expect]);
  if (all.some(({ line, metadata, time }) => (line ?? metadata ?? time) !== undefined)) {
    return { ok: false, diagnostics: [mistake(`${id} relabels; its tests have labels, and nothing else`)] };
  }
  const run: Runner = ({ input, labels: common }) =>
    input.flatMap(({ labels: own }) => {
      const { labels } = relabelInSteps(found.rules, labelsFrom({ ...common, ...own }));
      return labels === undefined ? [] : [{ labels: { ...labelRecord(labels) } }];
    });
  return { ok: true, run };
}

/** Time stands still in a test, and `sampling` keeps what it may. */
function worldAt(now: bigint): { clock: Clock; random: () => number } {
  const clock = { now: () => Number(now / 1_000_000n), monotonic: () => 0, after: () => () => {} };
  return { clock, random: () => 0 };
}
