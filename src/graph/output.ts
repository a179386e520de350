import type { Receiver, Signal, Signals } from "../signals/receiver.ts";
import { countRecords, type Edge } from "./edge.ts";
import type { NodeStats } from "./stats.ts";

/**
 * What a component sends to: all its edges. Every receiver is called before anything is awaited (the batch is valid
 * only that long), and one that fails or waits holds up no other. Targets are state: the last set is kept, for
 * receivers that are wired later and for those that restart.
 */
export class Output implements Receiver<Signal> {
  #edges: readonly Edge[] = [];
  #lastTargets: Signals["targets"] | undefined;
  readonly #signal: Signal | undefined;
  readonly #stats: NodeStats;

  /** `inherited` is the last set of the component that this one replaces: it holds until the new one knows better. */
  constructor(signal: Signal | undefined, stats: NodeStats, inherited?: Signals["targets"]) {
    this.#signal = signal;
    this.#stats = stats;
    this.#lastTargets = inherited;
  }

  get edges(): readonly Edge[] {
    return this.#edges;
  }

  get lastTargets(): Signals["targets"] | undefined {
    return this.#lastTargets;
  }

  connect(edges: readonly Edge[]): void {
    this.#edges = edges;
  }

  /** Resolves when every receiver has the batch; rejects with the failures of those that have not. */
  receive(batch: Signals[Signal]): Promise<void> {
    if (this.#signal === "targets") this.#lastTargets = batch as Signals["targets"];
    this.#stats.sentBatches++;
    if (this.#signal !== undefined) this.#stats.sentRecords += countRecords(this.#signal, batch);
    const [only] = this.#edges;
    return only !== undefined && this.#edges.length === 1 ? only.receive(batch) : this.#fanOut(batch);
  }

  async #fanOut(batch: Signals[Signal]): Promise<void> {
    const results = await Promise.allSettled(this.#edges.map((edge) => edge.receive(batch)));
    const failures = results.filter((result) => result.status === "rejected").map((result) => result.reason);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("; "));
  }
}
