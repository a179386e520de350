import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "./clock.ts";

export interface Heap {
  /** Collects all garbage and gives empty pages back. */
  readonly collect: () => void;
  /** Bytes of the heap that are in use. */
  readonly used: () => number;
}

/** When the first scrapes have been and what the start needed lies there as garbage; and when the slower ones have been, too. */
const firstMs = [10_000, 50_000];
const intervalMs = 15 * 60_000;

/** A larger heap belongs to an agent with much to do, whose garbage is collected anyhow, and which would stand longer. */
const largestHeap = 64 * 1024 * 1024;

/**
 * Collects the garbage of an agent that has little to do, soon after the start and then seldom: V8 itself does so
 * only when the heap has grown, and keeps the pages. Returns what ends it.
 */
export function tidyHeap(clock: Clock, { collect, used }: Heap): () => void {
  let times = 0;
  let cancel = next();
  function next() {
    return clock.after(firstMs[times++] ?? intervalMs, () => {
      if (used() <= largestHeap) collect();
      cancel = next();
    });
  }
  return () => cancel();
}

/**
 * That of this process. A collection as for want of memory is the one that gives pages back. V8 has a function for it,
 * which a context that is made after the flag has; the flag on the command line would make every start a fifth dearer.
 */
export function processHeap(): Heap {
  return {
    collect: () => {
      setFlagsFromString("--expose-gc");
      const collect: NodeJS.GCFunction = runInNewContext("gc");
      collect({ type: "major", execution: "sync", flavor: "last-resort" });
    },
    used: () => getHeapStatistics().used_heap_size,
  };
}
