import { bug } from "../lib/errors.ts";
import type { Receiver, Signal, Signals } from "../signals/receiver.ts";
import type { Node } from "./node.ts";
import { Rate } from "./rate.ts";
import { addDropped, type DropReason } from "./stats.ts";
import type { EdgeView } from "./view.ts";

/** One arrow of the graph. It counts what passes; the ack goes back as it comes. */
export class Edge implements Receiver<Signal> {
  readonly from: Node;
  readonly to: Node;
  readonly signal: Signal;
  #batches = 0;
  #records = 0;
  readonly #rate: Rate;
  readonly #dropped = new Map<DropReason, number>();

  constructor(from: Node, to: Node) {
    const signal = from.component.emits;
    if (signal === undefined || signal !== to.component.accepts) throw bug(`edge ${from.id} -> ${to.id} has no signal`);
    this.from = from;
    this.to = to;
    this.signal = signal;
    this.#rate = new Rate(from.clock.monotonic());
  }

  receive(batch: Signals[Signal]): Promise<void> {
    const records = countRecords(this.signal, batch);
    const started = this.#countIn(records);
    return this.to.receive(this.from.id, batch).then(
      () => this.#countTime(started),
      (error: unknown) => {
        this.#countTime(started);
        this.#countDrop(records, error instanceof NotRunningError ? "not_running" : "receiver_failed");
        throw error;
      },
    );
  }

  view(): EdgeView {
    return {
      from: this.from.id,
      to: this.to.id,
      signal: this.signal,
      batches: this.#batches,
      records: this.#records,
      rate: this.signal === "targets" ? 0 : this.#rate.perSecond(this.from.clock.monotonic()),
      dropped: Object.fromEntries(this.#dropped),
    };
  }

  #countIn(records: number): number {
    const now = this.from.clock.monotonic();
    this.#batches++;
    if (this.signal === "targets") this.#records = records;
    else this.#records += records;
    this.#rate.add(now, records);
    this.to.stats.receivedBatches++;
    this.to.stats.receivedRecords += records;
    return now;
  }

  #countTime(started: number): void {
    this.to.stats.receiveSeconds += (this.from.clock.monotonic() - started) / 1000;
  }

  #countDrop(records: number, reason: DropReason): void {
    addDropped(this.#dropped, reason, records);
    addDropped(this.from.stats.dropped, reason, records);
  }
}

/** The receiver has failed and is not up again. */
export class NotRunningError extends Error {}

export function countRecords(signal: Signal, batch: Signals[Signal]): number {
  if (signal === "metrics") {
    const { length, histograms = [] } = batch as Signals["metrics"];
    return length + histograms.length;
  }
  if (signal === "logs") return (batch as Signals["logs"]).timestamps.length;
  return (batch as Signals["targets"]).reduce((sum, group) => sum + group.targets.length, 0);
}
