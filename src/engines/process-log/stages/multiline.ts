import { compileRe2, type Re2 } from "../../../lib/re2.ts";
import { cloneEntry, type Entry, labelsKey } from "../entry.ts";
import { mergeDeliveries } from "../merge-deliveries.ts";
import { OptionError, readOption, type Stage, type StageKind, type StageSurroundings } from "../stage.ts";

export interface MultilineOptions {
  readonly firstline: string;
  readonly max_lines: number;
  /** Milliseconds. */
  readonly max_wait_time: number;
  readonly trim_newlines: boolean;
}

/** Joins lines to blocks, stream by stream; a block begins with a line that matches. */
export const multiline: StageKind<MultilineOptions> = {
  name: "multiline",
  create(options, surroundings) {
    const { firstline } = options;
    if (firstline === "") throw new OptionError(["firstline"], "must not be empty");
    const re = readOption(["firstline"], "an RE2 expression", () => compileRe2(firstline));
    return new Multiline(re, options, surroundings);
  },
};

interface Block {
  /** The first line's; its line is all lines so far. */
  readonly entry: Entry;
  readonly lines: string[];
  /** On the monotonic clock. */
  due: number;
}

/** Streams whose last first line is remembered. */
const maxEnded = 10_000;

class Multiline implements Stage {
  readonly #firstLine: Re2;
  readonly #options: MultilineOptions;
  readonly #surroundings: StageSurroundings;
  /** Blocks that may go on, the one that was added to longest ago in front. */
  readonly #open = new Map<string, Block>();
  /** The first entries of blocks that went on early: lines that follow belong to them still. */
  readonly #ended = new Map<string, Entry>();

  constructor(firstLine: Re2, options: MultilineOptions, surroundings: StageSurroundings) {
    this.#firstLine = firstLine;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  process(entries: readonly Entry[]): readonly Entry[] {
    const passed: Entry[] = [];
    for (const entry of entries) this.#take(entry, passed);
    return passed;
  }

  due(): number | undefined {
    const [first] = this.#open.values();
    return first?.due;
  }

  release(now: number): readonly Entry[] {
    const released: Entry[] = [];
    for (const [key, block] of this.#open) {
      if (block.due > now) break;
      released.push(this.#end(key, block));
    }
    return released;
  }

  #take(entry: Entry, passed: Entry[]): void {
    const key = labelsKey(entry.labels);
    const open = this.#open.get(key);
    if (this.#firstLine.test(entry.line)) {
      if (open !== undefined) passed.push(this.#end(key, open));
      this.#begin(key, entry, entry, passed);
    } else if (open !== undefined) {
      this.#continue(key, open, entry, passed);
    } else {
      const first = this.#ended.get(key);
      // Before its first first line a stream passes as it is.
      if (first === undefined) passed.push(entry);
      else this.#begin(key, { ...cloneEntry(first), deliveries: entry.deliveries }, entry, passed);
    }
  }

  #begin(key: string, entry: Entry, line: Entry, passed: Entry[]): void {
    this.#surroundings.hold(entry.deliveries);
    this.#add(key, { entry, lines: [], due: 0 }, line, passed);
  }

  #continue(key: string, block: Block, { line, deliveries }: Entry, passed: Entry[]): void {
    const merged = mergeDeliveries(block.entry.deliveries, deliveries);
    if (merged !== block.entry.deliveries) {
      this.#surroundings.hold(merged.slice(block.entry.deliveries.length));
      block.entry.deliveries = merged;
    }
    this.#add(key, block, { line }, passed);
  }

  #add(key: string, block: Block, { line }: Pick<Entry, "line">, passed: Entry[]): void {
    const { max_lines, max_wait_time, trim_newlines } = this.#options;
    block.lines.push(trim_newlines ? line.replace(/[\r\n]+$/, "") : line);
    block.due = this.#surroundings.clock.monotonic() + max_wait_time;
    this.#open.delete(key);
    this.#open.set(key, block);
    if (block.lines.length === max_lines) passed.push(this.#end(key, block));
  }

  #end(key: string, { entry, lines }: Block): Entry {
    this.#open.delete(key);
    this.#remember(key, entry);
    this.#surroundings.letGo(entry.deliveries);
    entry.line = lines.join("\n");
    return entry;
  }

  #remember(key: string, entry: Entry): void {
    this.#ended.delete(key);
    this.#ended.set(key, { ...cloneEntry(entry), deliveries: [], line: "" });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > maxEnded && oldest !== undefined) this.#ended.delete(oldest);
  }
}
