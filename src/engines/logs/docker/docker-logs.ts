import { every } from "../../../lib/every.ts";
import type { Labels } from "../../../signals/labels.ts";
import { labelValue } from "../../../signals/labels.ts";
import type { TargetGroup } from "../../../signals/targets.ts";
import { ContainerReader, type ContainerReaderOptions } from "./container-reader.ts";
import { NoContainerError } from "./engine.ts";

const idLabel = "__meta_docker_container_id";

/** Follows the logs of the containers that are targets. A container with several targets is read once, for the first. */
export class DockerLogs {
  readonly #options: ContainerReaderOptions;
  readonly #readers = new Map<string, { readonly reader: ContainerReader; readonly done: Promise<void> }>();
  #wanted: ReadonlyMap<string, Labels> = new Map();
  #stop: AbortSignal | undefined;

  constructor(options: ContainerReaderOptions) {
    this.#options = options;
  }

  /** The containers whose logs are followed. */
  get containers(): string[] {
    return [...this.#readers.keys()];
  }

  /** How many targets name no container. */
  setTargets(groups: readonly TargetGroup[]): number {
    const wanted = new Map<string, Labels>();
    let foreign = 0;
    for (const { labels } of groups.flatMap(({ targets }) => targets)) {
      const id = labelValue(labels, idLabel);
      if (id === "") foreign++;
      else if (!wanted.has(id)) wanted.set(id, labels);
    }
    this.#wanted = wanted;
    this.#adopt();
    return foreign;
  }

  /** Resolves once nothing is read any more. */
  async run(stop: AbortSignal): Promise<void> {
    this.#stop = stop;
    this.#adopt();
    await every(this.#options.clock, this.#options.refreshIntervalMs, stop, () => this.#forgetRemoved(stop));
    this.#stop = undefined;
    await Promise.all([...this.#readers.values()].map(({ done }) => done));
  }

  #adopt(): void {
    const stop = this.#stop;
    if (stop === undefined) return;
    for (const [id, labels] of this.#wanted) {
      const known = this.#readers.get(id);
      if (known === undefined || known.reader.hasLeft) this.#start(id, labels, stop);
      else {
        known.reader.labels = labels;
        known.reader.stay();
      }
    }
    for (const [id, { reader }] of this.#readers) if (!this.#wanted.has(id)) reader.leave();
  }

  #start(id: string, labels: Labels, stop: AbortSignal): void {
    const reader = new ContainerReader(id, labels, this.#options);
    const before = this.#readers.get(id)?.done ?? Promise.resolve();
    const done = before
      .then(() => reader.run(stop))
      .then(() => {
        if (this.#readers.get(id)?.reader === reader) this.#readers.delete(id);
      });
    this.#readers.set(id, { reader, done });
  }

  /** Positions of containers that are gone are of no use. One that only does not run keeps its own. */
  async #forgetRemoved(stop: AbortSignal): Promise<void> {
    const { positions, engine } = this.#options;
    for (const id of positions.keys().filter((key) => !this.#readers.has(key))) {
      const error: unknown = await engine.hasTerminal(id, stop).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      if (error instanceof NoContainerError) positions.forget(id);
    }
  }
}
