import type { Position } from "./cursor-file.ts";
import type { Backlog } from "./queue.ts";
import type { Segment } from "./segment.ts";
import type { Entry, Tail } from "./tail.ts";

interface Share extends Omit<Backlog, "oldestMs"> {
  /** When the oldest of it was appended; of a segment that is when it was begun. */
  readonly since: number | undefined;
}

/** What there is behind a cursor, on disk and in memory. */
export function backlogFrom(cursor: Position, tail: Tail, segments: readonly Segment[]): Share {
  const isCached = cursor.sequence >= tail.start.sequence;
  const inMemory = tail.since(cursor.sequence);
  const onDisk = isCached ? [] : segments.filter(({ endSequence }) => endSequence > cursor.sequence);
  const shares = [
    ...onDisk.map((segment) => shareOf(segment, cursor)),
    ...(isCached ? inMemory : inMemory.filter(isOnlyInMemory)).map(({ records, payload, appendedAt }) => {
      return { blocks: 1, records, bytes: payload.length, since: appendedAt };
    }),
  ];
  return {
    blocks: shares.reduce((sum, { blocks }) => sum + blocks, 0),
    bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0),
    records: shares.reduce((sum, { records }) => sum + records, 0),
    since: shares[0]?.since,
  };
}

/** What is in a segment behind the cursor; its bytes in proportion. */
function shareOf(segment: Segment, cursor: Position): Share {
  const { baseSequence, baseRecords, endSequence, endRecords, size, headerBytes, createdAt } = segment;
  const blocks = endSequence - Math.max(cursor.sequence, baseSequence);
  const share = blocks / Math.max(1, endSequence - baseSequence);
  return {
    blocks,
    records: endRecords - Math.max(cursor.records, baseRecords),
    bytes: Math.round((size - headerBytes) * share),
    since: createdAt,
  };
}

function isOnlyInMemory({ state }: Entry): boolean {
  return state === "waiting" || state === "writing";
}
