import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import type { DropReason } from "./queue.ts";
import type { Segment } from "./segment.ts";
import type { SegmentLog } from "./segment-log.ts";
import type { Tail } from "./tail.ts";

/** What a reader needs of its queue. */
export interface ReaderSurroundings {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly tail: Tail;
  /** Undefined until it is open. */
  log(): SegmentLog | undefined;
  /** False while nobody knows yet what the disk holds. */
  mayRead(): boolean;
  ageOf(appendedAt: number): number;
  isTooOld(appendedAt: number): boolean;
  dropped(reason: DropReason, records: number): void;
  damaged(segment: Segment): void;
  cannotRead(error: unknown): void;
  /** The reader has moved. */
  moved(): void;
}
