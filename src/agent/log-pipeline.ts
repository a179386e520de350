import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { mistake } from "../config/diagnostic.ts";
import type { ComponentConfig } from "../config/loaded.ts";
import { type Entry, newEntry } from "../engines/process-log/entry.ts";
import { Inspector, type StageReport } from "../engines/process-log/inspect.ts";
import { OptionError, type Stage, shownOption } from "../engines/process-log/stage.ts";
import type { StageConfig } from "../engines/process-log/stage-config.ts";
import { createStages } from "../engines/process-log/stages.ts";
import type { Clock } from "../lib/clock.ts";
import { formatRfc3339 } from "../lib/rfc3339.ts";
import { CustomMetrics } from "../signals/custom-metrics.ts";
import { labelRecord, labelsFrom } from "../signals/labels.ts";
import type { Found } from "./component-rules.ts";

type LabelRecord = Readonly<Record<string, string>>;

export interface GivenEntry {
  readonly line: string;
  readonly labels: LabelRecord;
  readonly metadata?: LabelRecord;
  /** Nanoseconds since the epoch; now, if left out. */
  readonly timestamp?: bigint | undefined;
}

/** An entry that comes out. */
export interface PassedEntry {
  /** RFC 3339 with nine digits. */
  readonly time: string;
  readonly labels: LabelRecord;
  readonly metadata: LabelRecord;
  readonly line: string;
}

export interface PipelineRun {
  readonly entries: readonly PassedEntry[];
  /** What the stages did. */
  readonly reports: readonly StageReport[];
  /** The reasons under which lines were dropped, one for each. */
  readonly dropped: readonly string[];
}

interface PipelineWorld {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The pipeline of a component, or what is wrong with the wish. */
export function logPipelineOf(component: ComponentConfig, world: PipelineWorld): Found<{ pipeline: LogPipeline }> {
  const { id, place } = component;
  if (component.component.type !== "loki.process") {
    return { ok: false, diagnostics: [mistake(`${id} has no stages; name a loki.process`, place)] };
  }
  try {
    return { ok: true, pipeline: new LogPipeline(component, world) };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return { ok: false, diagnostics: [mistake(`${id}: ${shownOption(error)}`, place)] };
  }
}

/** The stages of a loki.process, to be tried on entries without a graph around them. */
export class LogPipeline {
  readonly #stages: Stage;
  readonly #clock: Clock;
  readonly #inspector = new Inspector();
  #dropped: string[] = [];

  /** Throws an OptionError where a stage cannot work, because a file that it names cannot be read. */
  constructor({ config, configDir }: ComponentConfig, { clock, random }: PipelineWorld) {
    const { stages } = config as { readonly stages: readonly StageConfig[] };
    this.#clock = clock;
    const surroundings = {
      clock,
      random,
      counts: {
        dropped: (reason: string) => this.#dropped.push(reason),
        droppedByLabel() {},
        truncated() {},
        criFlushed() {},
        criTruncated() {},
      },
      custom: new CustomMetrics(() => clock.monotonic()),
      hold() {},
      letGo() {},
      readFile: (path: string) => readFileSync(resolve(configDir, path)),
    };
    this.#stages = createStages(stages, surroundings, { watch: this.#inspector.watch });
  }

  process({ line, labels, metadata = {}, timestamp }: GivenEntry): PipelineRun {
    const entry = newEntry({
      timestamp: timestamp ?? BigInt(this.#clock.now()) * 1_000_000n,
      line,
      labels: labelsFrom(labels),
      metadata: labelsFrom(metadata),
    });
    return this.#run(() => this.#stages.process([entry]));
  }

  /** The end: what was held back goes on. */
  end(): PipelineRun {
    return this.#run(() => this.#stages.release?.(Number.POSITIVE_INFINITY) ?? []);
  }

  #run(work: () => readonly Entry[]): PipelineRun {
    const entries = work().map(passedEntry);
    const dropped = this.#dropped;
    this.#dropped = [];
    return { entries, reports: this.#inspector.take(), dropped };
  }
}

function passedEntry({ timestamp, labels, metadata, line }: Entry): PassedEntry {
  return {
    time: formatRfc3339(timestamp),
    labels: { ...labelRecord(labels) },
    metadata: { ...labelRecord(metadata) },
    line,
  };
}
