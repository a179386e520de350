import { CustomMetrics } from "../../signals/custom-metrics.ts";
import { OptionError, type Stage, type StageSurroundings } from "./stage.ts";
import type { StageConfig } from "./stage-config.ts";
import { metricNames } from "./stages/metrics.ts";
import { createStage } from "./stages.ts";

export interface StageMistake {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What cannot work in the options of a stage, with the path to it. Files that they name are not looked at. */
export function mistakesInStage(config: StageConfig): StageMistake[] {
  try {
    createStage(config, surroundings);
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return [{ path: [...error.path], message: error.message }];
  }
}

/** Every metric that the stages may set. */
export function metricNamesOf(configs: readonly StageConfig[]): ReadonlySet<string> {
  return new Set(
    configs.flatMap(({ metrics, match }) => [
      ...(metrics === undefined ? [] : metricNames(metrics)),
      ...metricNamesOf(match?.stages ?? []),
    ]),
  );
}

const noStage: Stage = { process: (entries) => entries };

/** Stages are made to see whether they can be; nothing ever goes through them. */
const surroundings: StageSurroundings = {
  clock: { now: () => 0, monotonic: () => 0, after: () => () => {} },
  random: () => 0,
  counts: { dropped() {}, droppedByLabel() {}, truncated() {}, criFlushed() {}, criTruncated() {} },
  custom: new CustomMetrics(() => 0),
  nested: () => noStage,
  hold() {},
  letGo() {},
  readFile: undefined,
};
