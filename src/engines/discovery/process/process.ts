import type { Target, TargetGroup } from "../../../signals/targets.ts";
import type { Found, Polling } from "../search.ts";
import { joinContainers } from "./join.ts";
import { type ProcessDetails, type ProcessPlaces, processLabels } from "./processes.ts";

/** The processes of this machine, joined with the targets of others. */
export class ProcessSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #details: ProcessDetails;
  readonly #places: ProcessPlaces;
  #containers: readonly Target[] = [];
  #hint = () => {};

  constructor(details: ProcessDetails, places: ProcessPlaces, refreshIntervalMs: number) {
    this.refreshIntervalMs = refreshIntervalMs;
    this.#details = details;
    this.#places = places;
  }

  /** The targets to join, from now on. */
  join(groups: readonly TargetGroup[]): void {
    this.#containers = groups.flatMap(({ targets }) => targets);
    this.#hint();
  }

  async refresh(): Promise<Found> {
    const processes = await processLabels(this.#details, this.#places);
    return { groups: [{ source: "processes", targets: joinContainers(processes, this.#containers) }] };
  }

  hints(hint: () => void): () => void {
    this.#hint = hint;
    return () => {
      this.#hint = () => {};
    };
  }
}
