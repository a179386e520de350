import { formatRfc3339 } from "../../lib/rfc3339.ts";
import { labelRecord } from "../../signals/labels.ts";
import type { Entry } from "./entry.ts";
import type { Stage } from "./stage.ts";
import type { Watch } from "./stages.ts";

/** What one stage did with the entries that it was given. */
export interface StageReport {
  /** `[2].match.stages[0].json`: its place and its name. */
  readonly stage: string;
  /** Of each entry that goes on: what is not as it was before. */
  readonly passed: readonly (readonly Change[])[];
  readonly dropped: number;
  /** Entries that it keeps back for now. */
  readonly held: number;
}

/** `before` is absent of what is new, `after` of what is gone. */
export interface Change {
  /** `line`, `time`, `label x`, `extracted x`, `metadata x`. */
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

/** Writes down what stages do; those that change nothing are left out. */
export class Inspector {
  #reports: StageReport[] = [];
  readonly #before = new WeakMap<Entry, Snapshot>();

  readonly watch: Watch = (name, stage) => ({
    process: (entries) => this.#note(name, stage, entries, () => stage.process(entries)),
    due: () => stage.due?.(),
    release: (now) => this.#note(name, stage, [], () => stage.release?.(now) ?? []),
  });

  /** What was done since the last time. */
  take(): readonly StageReport[] {
    const reports = this.#reports;
    this.#reports = [];
    return reports;
  }

  #note(name: string, stage: Stage, given: readonly Entry[], work: () => readonly Entry[]): readonly Entry[] {
    for (const entry of given) this.#before.set(entry, snapshot(entry));
    const passed = work();
    const holds = stage.release !== undefined;
    const report = {
      stage: name,
      passed: passed.map((entry) => this.#changes(entry)),
      dropped: holds ? 0 : Math.max(0, given.length - passed.length),
      held: holds ? given.filter((entry) => !passed.includes(entry)).length : 0,
    };
    const isIdle = report.dropped + report.held === 0 && report.passed.every((changes) => changes.length === 0);
    if (!isIdle) this.#reports.push(report);
    return passed;
  }

  #changes(entry: Entry): Change[] {
    const before = this.#before.get(entry) ?? {};
    const after = snapshot(entry);
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names
      .filter((what) => before[what] !== after[what])
      .map((what) => changeOf(what, before[what], after[what]));
  }
}

function changeOf(what: string, before: string | undefined, after: string | undefined): Change {
  return { what, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

/** Everything of an entry, by the words for it. */
type Snapshot = Readonly<Record<string, string>>;

function snapshot({ line, timestamp, labels, extracted, metadata }: Entry): Snapshot {
  return {
    line,
    time: formatRfc3339(timestamp),
    ...named("extracted", extracted),
    ...named("label", labelRecord(labels)),
    ...named("metadata", labelRecord(metadata)),
  };
}

function named(kind: string, values: Readonly<Record<string, string>>): Snapshot {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind} ${name}`, value]));
}
