import type { Position } from "./cursor-file.ts";
import type { SegmentLog } from "./segment-log.ts";
import type { Tail } from "./tail.ts";

/** What the store moves and saves of a reader. */
export interface StoredReader {
  readonly cursor: Position;
  place(position: Position): void;
  shift(by: Position): void;
  skipTo(end: Position, from: Position): number;
}

/**
 * Once the log is open, what memory holds comes behind it. A reader goes on at its cursor; one whose cursor is damaged
 * begins with the oldest block, and a new one where it stood among the blocks in memory.
 */
export function placeReaders(
  readers: ReadonlyMap<string, StoredReader>,
  cursors: ReadonlyMap<string, Position | "damaged" | undefined>,
  log: SegmentLog,
  tail: Tail,
): void {
  const [oldest] = log.segments;
  const start = oldest && { sequence: oldest.baseSequence, records: oldest.previousRecords };
  const by = { sequence: log.end.sequence - tail.start.sequence, records: log.end.records - tail.start.records };
  tail.rebase(log.end);
  for (const [name, reader] of readers) {
    const cursor = cursors.get(name);
    if (cursor === undefined) reader.shift(by);
    else reader.place(cursor === "damaged" ? (start ?? log.end) : cursor);
  }
}
