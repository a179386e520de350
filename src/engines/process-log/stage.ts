import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { CustomMetrics } from "../../signals/custom-metrics.ts";
import type { Delivery } from "./delivery.ts";
import type { Entry } from "./entry.ts";
import type { StageConfig } from "./stage-config.ts";

/** One step of a pipeline. */
export interface Stage {
  /** Takes entries, and returns those that go on, in their order. */
  process(entries: readonly Entry[]): readonly Entry[];
  /** When something that is held back wants to go on, on the monotonic clock; undefined where nothing is. */
  due?(): number | undefined;
  /** What goes on at `now`; Infinity means: everything, the pipeline ends. */
  release?(now: number): readonly Entry[];
}

/** A kind of stage: the name that users write, and how one is made. Throws an OptionError where an option cannot work. */
export interface StageKind<Options> {
  readonly name: string;
  create(options: Options, surroundings: StageSurroundings): Stage;
}

/** What stages know of the world around them. */
export interface StageSurroundings {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly counts: StageCounts;
  /** The metrics of the stage `metrics`. */
  readonly custom: CustomMetrics;
  /** Makes the stages that an option of this one holds. */
  nested(configs: readonly StageConfig[], option: string): Stage;
  /** For who holds entries of these batches back: they are not acknowledged before `letGo`. */
  hold(deliveries: readonly Delivery[]): void;
  letGo(deliveries: readonly Delivery[]): void;
  /** The content of a file that an option names; undefined where only the options are looked at. */
  readonly readFile: ((path: string) => Buffer) | undefined;
}

export interface StageCounts {
  dropped(reason: string): void;
  droppedByLabel(name: string, value: string): void;
  truncated(field: string): void;
  criFlushed(lines: number): void;
  criTruncated(): void;
}

/** An option that cannot work; `path` leads to it from the options of its stage. */
export class OptionError extends Error {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.path = path;
  }
}

/** `stages[2].geoip.db: cannot read …`, for people. */
export function shownOption({ path, message }: OptionError): string {
  return `stages${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("")}: ${message}`;
}

/** A stage that changes every entry by itself. */
export function changing(change: (entry: Entry) => void): Stage {
  return {
    process(entries) {
      for (const entry of entries) change(entry);
      return entries;
    },
  };
}

/** A stage that lets only those entries on of which `keeps` says so. */
export function keeping(keeps: (entry: Entry) => boolean): Stage {
  return { process: (entries) => entries.filter(keeps) };
}

/** What `read` makes of an option, or an OptionError with its message. */
export function readOption<T>(path: readonly (string | number)[], what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OptionError(path, `not ${what}: ${describeError(error)}`);
  }
}
