import { untilAborted } from "../../lib/until-aborted.ts";
import type { Cluster } from "./cluster.ts";

/** The cluster of a config that may change: one after the other, or none, and then all targets are ours. */
export class ChangingCluster {
  #current: Cluster | undefined;
  #change = new AbortController();

  constructor(first: Cluster | undefined) {
    this.#current = first;
  }

  get current(): Cluster | undefined {
    return this.#current;
  }

  isOurs(identity: string): boolean {
    return this.#current?.isOurs(identity) ?? true;
  }

  replace(cluster: Cluster | undefined): void {
    this.#current = cluster;
    this.#change.abort();
  }

  /** Resolves when `stop` has aborted and the members know. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.#change = new AbortController();
      const either = AbortSignal.any([stop, this.#change.signal]);
      await (this.#current?.run(either) ?? untilAborted(either));
    }
  }
}
