import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "../lib/clock.ts";

const firstPauseMs = 10_000;
const longestPauseMs = 600_000;

/**
 * Has garbage of the old generation collected: soon after the start, then at pauses that double up to ten minutes. An
 * agent at work makes so little of it that V8 sees no reason to look before hours have passed, and what reading the
 * config and meeting all series for the first time has left, tens of megabytes, stays resident. A collection takes some
 * tens of milliseconds.
 */
export class HeapKeeper {
  readonly #clock: Clock;
  readonly #collect: () => void;
  #cancel: () => void;

  constructor(clock: Clock, collect: () => void) {
    this.#clock = clock;
    this.#collect = collect;
    this.#cancel = this.#schedule(firstPauseMs);
  }

  close(): void {
    this.#cancel();
  }

  #schedule(pauseMs: number): () => void {
    return this.#clock.after(pauseMs, () => {
      this.#collect();
      this.#cancel = this.#schedule(Math.min(pauseMs * 2, longestPauseMs));
    });
  }
}

/** V8's own collection, which Node offers only where a flag asks for it. */
export function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("bug: V8 gives no gc() with --expose-gc");
  return () => void collect();
}
