export type Order =
  | { readonly ok: true /** Every id, each before those it sends to. */; readonly ids: readonly string[] }
  | {
      readonly ok: false /** The ids of a cycle, the first one again at the end. */;
      readonly cycle: readonly string[];
    };

/** Topological order of a directed graph; among equals the order of `ids` stays. */
export function topologicalOrder(ids: readonly string[], receivers: (id: string) => readonly string[]): Order {
  const done = new Set<string>();
  const path: string[] = [];
  const reversed: string[] = [];

  function visit(id: string): readonly string[] | undefined {
    if (done.has(id)) return undefined;
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    path.push(id);
    for (const next of receivers(id).toReversed()) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(id);
    reversed.push(id);
    return undefined;
  }

  for (const id of ids.toReversed()) {
    const cycle = visit(id);
    if (cycle !== undefined) return { ok: false, cycle };
  }
  return { ok: true, ids: reversed.reverse() };
}

/**
 * The ids in stages for stopping: sources in the first, everything that sends to nobody in the last, and each id in a
 * stage before its receivers'. One stage may stop at once.
 */
export function stopStages(
  ids: readonly string[],
  receivers: (id: string) => readonly string[],
): readonly (readonly string[])[] {
  const depth = new Map<string, number>();
  function distanceToSink(id: string): number {
    const known = depth.get(id);
    if (known !== undefined) return known;
    const distance = Math.max(-1, ...receivers(id).map(distanceToSink)) + 1;
    depth.set(id, distance);
    return distance;
  }
  const stages: string[][] = [];
  for (const id of ids) {
    const distance = distanceToSink(id);
    stages[distance] = [...(stages[distance] ?? []), id];
  }
  return stages.map((stage) => stage ?? []).reverse();
}
