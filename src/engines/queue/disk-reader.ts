import { sleep } from "../../lib/clock.ts";
import { errnoOf } from "../../lib/disk.ts";
import { backlogFrom } from "./backlog.ts";
import type { Position } from "./cursor-file.ts";
import type { Frame } from "./frame.ts";
import type { Backlog, QueuedBlock, QueueReader } from "./queue.ts";
import type { ReaderSurroundings } from "./reader-surroundings.ts";
import type { Segment } from "./segment.ts";
import { SegmentCursor } from "./segment-cursor.ts";

const retryMs = 5000;

/** A disk that fails all reads for a minute has lost the segment, and not only for a moment. */
const patience = 12;

/** Reads from memory while it keeps up, and from the disk while it lags. */
export class DiskReader implements QueueReader {
  readonly #surroundings: ReaderSurroundings;
  readonly #segment: SegmentCursor;
  /** Behind the block in the reader's hands. */
  #position: Position;
  #held: (Frame & QueuedBlock) | undefined;
  #failures = 0;
  #isSignalled = false;
  #wake: () => void = () => {};

  constructor(position: Position, surroundings: ReaderSurroundings) {
    this.#position = position;
    this.#surroundings = surroundings;
    this.#segment = new SegmentCursor(surroundings.disk);
  }

  /** Where it goes on after a restart: at the block in its hands. */
  get cursor(): Position {
    const held = this.#held;
    if (held === undefined || held.sequence > this.#position.sequence) return this.#position;
    return { sequence: held.sequence, records: held.recordsBefore };
  }

  /** The block in its hands. */
  get held(): QueuedBlock | undefined {
    return this.#held;
  }

  async peek(stop: AbortSignal): Promise<QueuedBlock | undefined> {
    for (;;) {
      this.#isSignalled = false;
      const block = await this.#oldest(stop);
      if (block !== undefined || stop.aborted) return block;
      if (!this.#isSignalled) await this.#woken(stop);
    }
  }

  ack(sequence: number): void {
    if (this.#held?.sequence !== sequence) return;
    this.#held = undefined;
    this.#surroundings.moved();
  }

  backlog(): Backlog {
    const { tail, log, ageOf } = this.#surroundings;
    const { since, ...backlog } = backlogFrom(this.cursor, tail, log()?.segments ?? []);
    const oldest = this.#held?.appendedAt ?? since;
    return { ...backlog, oldestMs: oldest === undefined ? 0 : ageOf(oldest) };
  }

  wake(): void {
    this.#isSignalled = true;
    this.#wake();
  }

  /** Where it stands once the queue is open. */
  place(position: Position): void {
    this.#position = position;
  }

  /** The same place, when all sequences change. */
  shift({ sequence, records }: Position): void {
    this.#position = { sequence: this.#position.sequence + sequence, records: this.#position.records + records };
  }

  /** Moves past what is dropped; how many records it has missed by that. */
  skipTo(end: Position, from: Position): number {
    if (this.#position.sequence >= end.sequence) return 0;
    const missed = end.records - Math.max(from.records, this.#position.records);
    this.#position = end;
    return Math.max(0, missed);
  }

  /** Whether it would still get the block of that sequence. */
  wants(sequence: number): boolean {
    return this.#position.sequence <= sequence;
  }

  close(): Promise<void> {
    return this.#segment.close();
  }

  async #oldest(stop: AbortSignal): Promise<QueuedBlock | undefined> {
    const { isTooOld, dropped, moved } = this.#surroundings;
    for (;;) {
      const block = this.#held ?? (await this.#take(stop));
      if (block === undefined || !isTooOld(block.appendedAt)) return block;
      this.#held = undefined;
      dropped("too_old", block.records);
      moved();
    }
  }

  async #take(stop: AbortSignal): Promise<Frame | undefined> {
    const { tail, mayRead } = this.#surroundings;
    while (mayRead()) {
      const { sequence } = this.#position;
      if (sequence >= tail.start.sequence) {
        await this.#segment.close();
        const entry = tail.from(sequence);
        if (entry !== undefined) this.#hold(entry);
        return entry;
      }
      const frame = await this.#readFromDisk(stop);
      if (frame !== undefined) return frame;
      if (stop.aborted && this.#failures > 0) return undefined;
    }
    return undefined;
  }

  /** Undefined where the position has moved on without finding a block, or the disk gave none. */
  async #readFromDisk(stop: AbortSignal): Promise<Frame | undefined> {
    const { log, tail, clock, cannotRead } = this.#surroundings;
    const segment = log()?.segmentAt(this.#position.sequence);
    if (segment === undefined || segment.baseSequence >= tail.start.sequence) {
      this.#jump(tail.start, tail.start.records);
      return undefined;
    }
    if (this.#position.sequence < segment.baseSequence) {
      const base = { sequence: segment.baseSequence, records: segment.baseRecords };
      this.#jump(base, segment.previousRecords);
    }
    try {
      const frame = await this.#next(segment);
      this.#failures = 0;
      return frame;
    } catch (error) {
      const code = errnoOf(error);
      await this.#segment.close();
      if (code === "ENOENT" || (code === "EIO" && ++this.#failures > patience)) this.#giveUp(segment);
      else {
        this.#failures ||= 1;
        cannotRead(error);
        await sleep(clock, retryMs, stop);
      }
      return undefined;
    }
  }

  async #next(segment: Segment): Promise<Frame | undefined> {
    // It may grow meanwhile; what is compared must be of one moment.
    const end = { sequence: segment.endSequence, records: segment.endRecords };
    const frame = await this.#segment.next(segment, this.#position.sequence);
    if (this.#segment.isDamaged && !segment.isDamaged) {
      segment.isDamaged = true;
      this.#surroundings.damaged(segment);
    }
    const { sequence } = this.#position;
    if (frame === undefined || frame.sequence >= end.sequence) {
      if (sequence < end.sequence) this.#jump(end, end.records);
      return undefined;
    }
    if (frame.sequence < sequence) return undefined;
    this.#jump({ sequence: frame.sequence, records: frame.recordsBefore }, frame.recordsBefore);
    this.#hold(frame);
    return frame;
  }

  #giveUp(segment: Segment): void {
    if (!segment.isDamaged) this.#surroundings.damaged(segment);
    segment.isDamaged = true;
    this.#failures = 0;
    this.#jump({ sequence: segment.endSequence, records: segment.endRecords }, segment.endRecords);
  }

  /** In one step: a cursor that is saved between two would stand behind a block that nobody has. */
  #hold(block: Frame): void {
    this.#held = block;
    this.#position = { sequence: block.sequence + 1, records: block.recordsBefore + block.records };
  }

  /** What was written up to `lostBefore` and is passed over cannot be read back. */
  #jump(to: Position, lostBefore: number): void {
    const lost = lostBefore - this.#position.records;
    this.#position = to;
    if (lost > 0) this.#surroundings.dropped("damaged", lost);
  }

  /** Resolves when there may be something new, or when `stop` aborts. */
  #woken(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        stop.removeEventListener("abort", this.#wake);
        resolve();
      };
      stop.addEventListener("abort", this.#wake);
    });
  }
}
