import { bug } from "../../lib/errors.ts";
import type { Entry } from "./entry.ts";
import { OptionError, type Stage, type StageKind, type StageSurroundings } from "./stage.ts";
import type { StageConfig } from "./stage-config.ts";
import { stageKinds } from "./stage-kinds.ts";

/** Sees what a stage does; `name` is its place and its name: `[2].match.stages[0].json`. */
export type Watch = (name: string, stage: Stage) => Stage;

/**
 * Makes the stages of a pipeline. Throws an OptionError where an option cannot work; its path begins with the stage's
 * number and name.
 */
export function createStages(
  configs: readonly StageConfig[],
  surroundings: Omit<StageSurroundings, "nested">,
  { watch = (_, stage) => stage, at = "" }: { watch?: Watch; at?: string } = {},
): Stage {
  const stages = configs.map((config, number) => {
    const place = `${at}[${number}].${nameOf(config)}`;
    const nested = (inner: readonly StageConfig[], option: string) =>
      within([option], () => createStages(inner, surroundings, { watch, at: `${place}.${option}` }));
    const stage = within([number], () => createStage(config, { ...surroundings, nested }));
    // Of a stage that holds others, those are watched.
    return (config.match?.stages.length ?? 0) > 0 ? stage : watch(place, stage);
  });
  return inARow(stages);
}

/** One stage. The path of an OptionError begins with its name. */
export function createStage(config: StageConfig, surroundings: StageSurroundings): Stage {
  const name = nameOf(config);
  const kind = stageKinds[name] as StageKind<unknown>;
  return within([name], () => kind.create(config[name], surroundings));
}

function nameOf(config: StageConfig): keyof StageConfig {
  const [name] = Object.entries(config).find(([, options]) => options !== undefined) ?? [];
  if (name === undefined) throw bug("a stage without a name");
  return name as keyof StageConfig;
}

/** An OptionError gets the steps in front that lead to where it comes from. */
function within<T>(steps: readonly (string | number)[], create: () => T): T {
  try {
    return create();
  } catch (error) {
    throw error instanceof OptionError ? new OptionError([...steps, ...error.path], error.message) : error;
  }
}

function inARow(stages: readonly Stage[]): Stage {
  return {
    process: (entries) => through(stages, entries),

    due() {
      const dues = stages.flatMap((stage) => stage.due?.() ?? []);
      return dues.length === 0 ? undefined : Math.min(...dues);
    },

    /** What a stage lets go meets the stages behind it, and these may hold it back in their turn. */
    release(now) {
      let entries: readonly Entry[] = [];
      for (const stage of stages) {
        if (entries.length > 0) entries = stage.process(entries);
        const released = stage.release?.(now) ?? [];
        if (released.length > 0) entries = [...entries, ...released];
      }
      return entries;
    },
  };
}

function through(stages: readonly Stage[], entries: readonly Entry[]): readonly Entry[] {
  let passing = entries;
  for (const stage of stages) {
    if (passing.length === 0) break;
    passing = stage.process(passing);
  }
  return passing;
}
