import { equalLabels, type Labels, noLabels } from "../../signals/labels.ts";
import type { Target, TargetGroup } from "../../signals/targets.ts";
import type { Found } from "./search.ts";

/** What an answer did to a source that suddenly has no targets. */
export interface Emptied {
  readonly source: string;
  /** How many targets it had. */
  readonly targets: number;
  /** Whether they are gone; else they stay for now. */
  readonly isBelieved: boolean;
}

/**
 * The last good targets of every source. An empty answer where there were targets is more often a fault of the one who
 * answers than the truth, and believing it would end every series of the source: it is doubted `emptyGrace` times.
 */
export class KnownGroups {
  readonly #emptyGrace: number;
  readonly #groups = new Map<string, TargetGroup>();
  /** Source to how many empty answers in a row it has given. */
  readonly #doubts = new Map<string, number>();
  /** Grows with every change. */
  version = 0;

  constructor(emptyGrace: number) {
    this.#emptyGrace = emptyGrace;
  }

  /** No group is empty. */
  get groups(): TargetGroup[] {
    return [...this.#groups.values()];
  }

  get sources(): string[] {
    return [...this.#groups.keys()];
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  get targetCount(): number {
    return this.groups.reduce((sum, { targets }) => sum + targets.length, 0);
  }

  isDoubted(source: string): boolean {
    return this.#doubts.has(source);
  }

  /** The answer of a refresh. */
  take({ groups, failures = noFailures }: Found): Emptied[] {
    const heard = bySource(groups);
    for (const group of heard.values()) if (group.targets.length > 0) this.set(group);
    const empty = [...this.#groups.values()].filter(({ source }) => !heard.get(source)?.targets.length);
    return empty.filter(({ source }) => !failures.has(source)).map((group) => this.#doubt(group));
  }

  /** All there is, without a doubt. */
  replace(groups: readonly TargetGroup[]): void {
    const heard = bySource(groups);
    this.retain(new Set(heard.keys()));
    for (const group of heard.values()) this.set(group);
  }

  retain(sources: ReadonlySet<string>): void {
    for (const source of this.#groups.keys()) if (!sources.has(source)) this.#delete(source);
  }

  /** What one source has, without a doubt. */
  set(group: TargetGroup): void {
    const { source, targets } = group;
    this.#doubts.delete(source);
    if (targets.length === 0) {
      this.#delete(source);
    } else if (!equalTargets(targets, this.#groups.get(source)?.targets ?? [])) {
      this.#groups.set(source, group);
      this.version++;
    }
  }

  #doubt({ source, targets }: TargetGroup): Emptied {
    const doubts = (this.#doubts.get(source) ?? 0) + 1;
    const isBelieved = doubts > this.#emptyGrace;
    if (isBelieved) this.#delete(source);
    else this.#doubts.set(source, doubts);
    return { source, targets: targets.length, isBelieved };
  }

  #delete(source: string): void {
    this.#doubts.delete(source);
    if (this.#groups.delete(source)) this.version++;
  }
}

const noFailures: ReadonlyMap<string, unknown> = new Map();

function bySource(groups: readonly TargetGroup[]): Map<string, TargetGroup> {
  const sources = new Map<string, TargetGroup>();
  for (const group of groups) {
    const { source, targets } = group;
    const first = sources.get(source);
    sources.set(source, first === undefined ? group : { source, targets: [...first.targets, ...targets] });
  }
  return sources;
}

/** In any order: a name server turns its answers round on purpose. */
function equalTargets(a: readonly Target[], b: readonly Target[]): boolean {
  if (a.length !== b.length) return false;
  if (a.every(({ labels }, at) => equalLabels(labels, b[at]?.labels ?? noLabels))) return true;
  const [sortedA, sortedB] = [sortedKeys(a), sortedKeys(b)];
  return sortedA.every((key, at) => key === sortedB[at]);
}

function sortedKeys(targets: readonly Target[]): string[] {
  return targets.map(({ labels }) => keyOf(labels)).sort();
}

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}
