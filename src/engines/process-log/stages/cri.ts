import { type CriLine, parseCri } from "../../../formats/log-line/cri.ts";
import { compileGoTime } from "../../../formats/log-line/go-time.ts";
import { type Entry, labelsKey, withLabel } from "../entry.ts";
import { mergeDeliveries } from "../merge-deliveries.ts";
import type { Stage, StageKind, StageSurroundings } from "../stage.ts";
import { truncateText } from "../truncate-text.ts";

export interface CriOptions {
  /** Streams whose unfinished line is held. */
  readonly max_partial_lines: number;
  /** Bytes; counts only with the next option. */
  readonly max_partial_line_size: number;
  readonly max_partial_line_size_truncate: boolean;
}

/** Reads the lines of containerd and CRI-O, and joins those that they cut into parts. */
export const cri: StageKind<CriOptions> = {
  name: "cri",
  create(options, surroundings) {
    return new Cri(options, surroundings);
  },
};

class Cri implements Stage {
  readonly #parseTime = compileGoTime("RFC3339Nano");
  readonly #options: CriOptions;
  readonly #surroundings: StageSurroundings;
  /** What there is of a line that goes on, by its stream. */
  readonly #partial = new Map<string, Entry>();

  constructor(options: CriOptions, surroundings: StageSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  process(entries: readonly Entry[]): readonly Entry[] {
    const passed: Entry[] = [];
    for (const entry of entries) {
      const line = parseCri(entry.line);
      if (line === undefined) passed.push(entry);
      else this.#take(entry, line, passed);
    }
    return passed;
  }

  release(now: number): readonly Entry[] {
    return now === Number.POSITIVE_INFINITY ? this.#flush() : [];
  }

  #take(entry: Entry, { time, stream, flags, content }: CriLine, passed: Entry[]): void {
    Object.assign(entry.extracted, { time, stream, flags, content });
    entry.line = content;
    entry.labels = withLabel(entry.labels, "stream", stream);
    entry.timestamp = this.#parseTime(time) ?? entry.timestamp;
    const key = labelsKey(entry.labels);
    const before = this.#partial.get(key);
    if (flags === "P") {
      if (before === undefined && this.#partial.size >= this.#options.max_partial_lines)
        passed.push(...this.#overflow());
      this.#hold(key, entry, before);
    } else {
      if (before !== undefined) this.#finish(key, entry, before);
      passed.push(entry);
    }
  }

  #hold(key: string, entry: Entry, before: Entry | undefined): void {
    const { deliveries } = entry;
    entry.deliveries = before === undefined ? deliveries : mergeDeliveries(before.deliveries, deliveries);
    this.#surroundings.hold(entry.deliveries);
    if (before !== undefined) this.#surroundings.letGo(before.deliveries);
    this.#append(entry, before);
    this.#partial.set(key, entry);
  }

  #finish(key: string, entry: Entry, before: Entry): void {
    this.#partial.delete(key);
    this.#surroundings.letGo(before.deliveries);
    entry.deliveries = mergeDeliveries(before.deliveries, entry.deliveries);
    this.#append(entry, before);
  }

  #append(entry: Entry, before: Entry | undefined): void {
    const { max_partial_line_size: maxBytes, max_partial_line_size_truncate: isLimited } = this.#options;
    const line = (before?.line ?? "") + entry.line;
    entry.line = isLimited ? truncateText(line, maxBytes) : line;
    if (entry.line.length < line.length) this.#surroundings.counts.criTruncated();
  }

  /** More streams than are allowed have an unfinished line: all those go on as they are. */
  #overflow(): readonly Entry[] {
    this.#surroundings.counts.criFlushed(this.#partial.size);
    return this.#flush();
  }

  #flush(): readonly Entry[] {
    const entries = [...this.#partial.values()];
    this.#partial.clear();
    for (const { deliveries } of entries) this.#surroundings.letGo(deliveries);
    return entries;
  }
}
