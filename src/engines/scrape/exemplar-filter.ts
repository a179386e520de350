import type { RowExemplar } from "../../formats/exposition/rows.ts";
import { equalLabels } from "../../signals/labels.ts";
import type { Exemplar } from "../../signals/metric-batch.ts";

type Last = Omit<RowExemplar, "row">;

/**
 * Takes the exemplars that are new: a page shows the same one until something else is observed. Equal are those with the
 * same labels and value, and the same timestamp where one of the two has any (Prometheus: exemplar.Equals, and the agent's
 * AppendExemplar).
 */
export class ExemplarFilter {
  #last = new Map<number, Last>();
  readonly #pending = new Map<number, Last>();

  /** `idOf` gives the series of a row, below 0 where its sample was not taken. Without a timestamp, the scrape's counts. */
  take(exemplars: readonly RowExemplar[], idOf: (row: number) => number, timestamp: number): Exemplar[] {
    const taken: Exemplar[] = [];
    for (const exemplar of exemplars.toSorted(byTimeWithinRow)) {
      const id = idOf(exemplar.row);
      const last = this.#pending.get(id) ?? this.#last.get(id);
      if (id < 0 || (last !== undefined && isSame(last, exemplar))) continue;
      this.#pending.set(id, exemplar);
      const { labels, value } = exemplar;
      taken.push({ id, labels, value, timestamp: Number.isNaN(exemplar.timestamp) ? timestamp : exemplar.timestamp });
    }
    return taken;
  }

  /** Ends a scrape: what a failed one has taken counts as never seen. */
  settle(isUp: boolean): void {
    if (isUp) for (const [id, exemplar] of this.#pending) this.#last.set(id, exemplar);
    this.#pending.clear();
  }

  /** The series have other ids; those that `newId` does not know are gone. */
  renumber(newId: (id: number) => number | undefined): void {
    const renumbered = [...this.#last].flatMap(([id, last]): [number, Last][] => {
      const moved = newId(id);
      return moved === undefined ? [] : [[moved, last]];
    });
    this.#last = new Map(renumbered);
  }
}

function byTimeWithinRow(a: RowExemplar, b: RowExemplar): number {
  if (a.row !== b.row) return a.row - b.row;
  return (Number.isNaN(a.timestamp) ? 0 : a.timestamp) - (Number.isNaN(b.timestamp) ? 0 : b.timestamp);
}

function isSame(a: Last, b: Last): boolean {
  // NaN equals nothing, not even itself: such an exemplar is sent at every scrape, as upstream.
  if (a.value !== b.value || !equalLabels(a.labels, b.labels)) return false;
  return Object.is(a.timestamp, b.timestamp);
}
