import { ArrivalTimes } from "../lib/arrival-times.ts";
import { Backoff } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Labels } from "../signals/labels.ts";
import type { LogBatch } from "../signals/log-batch.ts";

interface Line {
  readonly timestamp: bigint;
  readonly text: string;
}

/** Where the log goes besides standard error. */
export interface LogRoute {
  /** The receivers. */
  readonly ids: readonly string[];
  /** The receivers and all that they send to: what these say must not come back to them. */
  readonly downstream: ReadonlySet<string>;
}

interface LogForwarderOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Resolves when the receiver has it. */
  deliver(id: string, batch: LogBatch): Promise<void>;
}

/** Lines that wait for a receiver; when there are more, the oldest is dropped. */
const mostWaiting = 1000;
const mostInBatch = 200;
const stream: Labels = ["agent", "sonde"];

/** How long the last lines may take at a stop. */
const graceMs = 1000;

/**
 * Sends the agent's own log to components. It must never do harm: each receiver has a short queue of its own, in memory,
 * of which the oldest line is dropped when it is full; and what a receiver, or whoever gets its logs, has to say is left
 * out, because a line about a delivery that fails would be one more to deliver.
 */
export class LogForwarder {
  /** By what became of them. A line counts once for each receiver. */
  readonly lines = { sent: 0, dropped: 0, excluded: 0 };
  readonly #options: LogForwarderOptions;
  readonly #times: ArrivalTimes;
  readonly #lanes = new Map<string, Lane>();
  #downstream: ReadonlySet<string> = new Set();

  constructor(options: LogForwarderOptions) {
    this.#options = options;
    this.#times = new ArrivalTimes(options.clock);
  }

  /** Lines that wait for a receiver which stays one stay. */
  configure({ ids, downstream }: LogRoute): void {
    this.#downstream = downstream;
    for (const [id, lane] of this.#lanes) {
      if (ids.includes(id)) continue;
      lane.stop.abort();
      this.lines.dropped += lane.waiting.length;
      this.#lanes.delete(id);
    }
    for (const id of ids) {
      if (!this.#lanes.has(id)) this.#lanes.set(id, { waiting: [], stop: new AbortController(), pumping: undefined });
    }
  }

  /** `component` is the one that says it, if it is one. */
  add(text: string, component: unknown): void {
    if (this.#lanes.size === 0) return;
    if (typeof component === "string" && this.#downstream.has(component)) {
      this.lines.excluded += this.#lanes.size;
      return;
    }
    const line = { timestamp: this.#times.next(), text };
    for (const [id, lane] of this.#lanes) {
      lane.waiting.push(line);
      if (lane.waiting.length > mostWaiting) {
        lane.waiting.shift();
        this.lines.dropped++;
      }
      lane.pumping ??= this.#pump(id, lane);
    }
  }

  /** Sends what waits, for a short time; what is added afterwards goes nowhere. */
  async close(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    const done = new AbortController();
    await Promise.race([
      Promise.all(lanes.map(({ pumping }) => pumping)),
      sleep(this.#options.clock, graceMs, done.signal),
    ]);
    done.abort();
    this.discard();
  }

  /** Gives up what waits. */
  discard(): void {
    this.configure({ ids: [], downstream: new Set() });
  }

  /** Never rejects. Begins later than its caller: a receiver must not be called from within a line of the log. */
  async #pump(id: string, lane: Lane): Promise<void> {
    const { clock, random, deliver } = this.#options;
    const backoff = new Backoff({ minMs: 1000, maxMs: 30_000, jitter: 0.1, random });
    await Promise.resolve();
    while (lane.waiting.length > 0 && !lane.stop.signal.aborted) {
      const lines = lane.waiting.splice(0, mostInBatch);
      try {
        await deliver(id, batchOf(lines));
        this.lines.sent += lines.length;
        backoff.reset();
      } catch {
        // The receiver has said why. The log cannot: that would be one more line to send.
        this.#putBack(lane, lines);
        await sleep(clock, backoff.next(), lane.stop.signal);
      }
    }
    lane.pumping = undefined;
  }

  #putBack(lane: Lane, lines: readonly Line[]): void {
    const room = lane.stop.signal.aborted ? 0 : Math.max(0, mostWaiting - lane.waiting.length);
    const kept = lines.slice(Math.max(0, lines.length - room));
    this.lines.dropped += lines.length - kept.length;
    lane.waiting.unshift(...kept);
  }
}

interface Lane {
  readonly waiting: Line[];
  readonly stop: AbortController;
  pumping: Promise<void> | undefined;
}

function batchOf(lines: readonly Line[]): LogBatch {
  return {
    stream,
    timestamps: BigInt64Array.from(lines, ({ timestamp }) => timestamp),
    lines: lines.map(({ text }) => text),
  };
}
