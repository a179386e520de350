import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import { type Collect, type Emit, NoData } from "./collector.ts";

/** When a collector runs and how long it may take; node_exporter knows neither. */
export interface CollectorTiming {
  readonly timeoutMs: number;
  /** Scrapes within this time get the last result again; 0: it runs at every scrape. */
  readonly intervalMs: number;
}

/** How a collector fared the last time it ran. */
export interface CollectorRun {
  readonly collector: string;
  readonly durationSeconds: number;
  /** Absent: it succeeded. */
  readonly failure?: string;
  /** It failed because this host has nothing of the kind. */
  readonly isNoData: boolean;
}

interface Kept {
  readonly run: CollectorRun;
  readonly at: number;
  readonly emitted: readonly Parameters<Emit>[];
}

/** Scrapes come a few milliseconds early or late: a run that is due by then is due now. */
const slack = 0.95;

/**
 * Runs one collector within its limits.
 *
 *     run ─► due? ─► collect ─► done within the timeout        its result, kept for the interval
 *              │        └─────► timeout: it hangs              a failure, with what it emitted so far; the rest is lost
 *              │                 └─ run, while it hangs: a failure at once; it is not started again until it is back
 *              └─ no: the last result again
 *
 * Only a collector that waits can be left behind: a read of a file that never returns holds the whole process.
 */
export class CollectorRunner {
  readonly name: string;
  readonly #collect: Collect;
  readonly #timing: CollectorTiming;
  readonly #clock: Clock;
  #isHung = false;
  #kept: Kept | undefined;

  constructor(name: string, collect: Collect, timing: CollectorTiming, clock: Clock) {
    this.name = name;
    this.#collect = collect;
    this.#timing = timing;
    this.#clock = clock;
  }

  /** Emits into one page, and not any more once it has resolved. Never rejects. */
  async run(emit: Emit): Promise<CollectorRun> {
    const started = this.#clock.monotonic();
    const kept = this.#kept;
    if (kept !== undefined && started - kept.at < this.#timing.intervalMs * slack) {
      for (const emitted of kept.emitted) emit(...emitted);
      return kept.run;
    }
    const gate = new Gate(emit, this.#timing.intervalMs > 0);
    const { ended, ...outcome } = await this.#outcome(gate.emit);
    gate.close();
    const run = { collector: this.name, durationSeconds: (ended - started) / 1000, ...outcome };
    if (this.#timing.intervalMs > 0) this.#kept = { run, at: started, emitted: gate.emitted };
    return run;
  }

  /** `ended` is taken here: whoever waits for this goes on only when all collectors have had their first turn. */
  async #outcome(emit: Emit): Promise<Pick<CollectorRun, "failure" | "isNoData"> & { readonly ended: number }> {
    const clock = this.#clock;
    if (this.#isHung) return { failure: "it hangs since an earlier scrape", isNoData: false, ended: clock.monotonic() };
    try {
      const work = withoutStacks(() => this.#collect(emit));
      if (work !== undefined) await this.#inTime(work);
      return { isNoData: false, ended: clock.monotonic() };
    } catch (error) {
      return { failure: describeError(error), isNoData: error instanceof NoData, ended: clock.monotonic() };
    }
  }

  #inTime(work: Promise<void>): Promise<void> {
    const { timeoutMs } = this.#timing;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#isHung = true;
        reject(new Error(`no result within ${timeoutMs / 1000} s`));
      });
      work.then(resolve, reject).finally(() => {
        cancel();
        this.#isHung = false;
      });
    });
  }
}

/**
 * Most hosts lack most of what collectors look for, so that each scrape sees dozens of errors that nobody is to read: of
 * those that are, the message is all that is told. Writing down the stack is what costs most about an error.
 */
function withoutStacks<T>(work: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Lets samples pass until it is closed; what comes later belongs to no page any more. */
class Gate {
  readonly emitted: Parameters<Emit>[] = [];
  readonly emit: Emit;
  #isOpen = true;

  constructor(emit: Emit, keeps: boolean) {
    this.emit = (...sample) => {
      if (!this.#isOpen) return;
      if (keeps) this.emitted.push(sample);
      emit(...sample);
    };
  }

  close(): void {
    this.#isOpen = false;
  }
}
