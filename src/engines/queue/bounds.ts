import type { Clock } from "../../lib/clock.ts";
import type { DiskSpace } from "../../lib/disk.ts";
import type { QueueBounds } from "./queue.ts";

const largestSegment = 8 * 2 ** 20;
const smallestSegment = 4096;

/** The bounds drop whole segments, so these are a small part of what is allowed. */
export function segmentBytes({ maxBytes }: QueueBounds): number {
  return Math.max(smallestSegment, Math.min(largestSegment, Math.floor(maxBytes / 8)));
}

export function segmentAgeMs({ maxAgeMs }: QueueBounds): number {
  return maxAgeMs / 16;
}

/** How many bytes must be freed so that others have what the bounds leave to them. */
export function missingSpace({ free, total }: DiskSpace, { minFree }: QueueBounds): number {
  return Math.max(0, (minFree ?? Math.max(total * 0.05, 512 * 2 ** 20)) - free);
}

/**
 * The time that blocks are stamped with. It runs with the monotonic clock, so that a jump of the wall clock does not make
 * everything old; only a restart takes the wall clock's word again.
 */
export class QueueTime {
  readonly #clock: Clock;
  readonly #start: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = clock.now() - clock.monotonic();
  }

  now(): number {
    return this.#start + this.#clock.monotonic();
  }

  /** In milliseconds; what was stamped by a clock that ran ahead is new. */
  ageOf(stamp: number): number {
    return Math.max(0, this.now() - stamp);
  }
}
