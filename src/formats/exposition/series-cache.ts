import { HashIndex } from "../../lib/hash-index.ts";
import { type ExposedType, exposedTypes } from "./exposed-type.ts";
import { parseSeries } from "./parse-series.ts";

/**
 * Series by their text, without reading the text again. A target exposes its series in the same order each time, so
 * each entry remembers which one followed it last time, and a scan only compares the bytes of that guess:
 *
 *     # TYPE http_requests_total counter⏎      entry 1 ── next ──┐
 *     http_requests_total{code="200"}␠17⏎      entry 2 ◄─────────┘ ── next ──┐
 *     http_requests_total{code="500"}␠3⏎       entry 3 ◄─────────────────────┘
 *
 * What an entry holds ends with the byte that must follow (the space, the newline), so equal bytes mean that the key
 * ends there too, and neither quotes nor braces are looked at. HELP and TYPE lines are entries like series: whole lines
 * that repeat. Keys lie behind each other in one buffer, aligned, and are compared four bytes at a time. Where a guess
 * is wrong, a hash of the key finds the entry and the links are learnt anew. Entry 0 stands for the start of a body.
 */
export class SeriesCache {
  #records = new Int32Array(256 * recordSize);
  #keys = new Int32Array(4096);
  #keyBytes = Buffer.from(this.#keys.buffer);
  #keysLength = 0;
  #index = new HashIndex();
  #size = 0;
  #series = 0;

  constructor() {
    this.#addRecord(0, 0, start);
  }

  /** Entries are below this. */
  get size(): number {
    return this.#size;
  }

  /** Entries that are no series, the start among them. */
  get metaLines(): number {
    return this.#size - this.#series;
  }

  /** What the entry holds, without the byte that follows. */
  text(entry: number): string {
    const offset = this.#offset(entry) * 4;
    return this.#keyBytes.toString("utf8", offset, offset + Math.max(0, this.length(entry) - 1));
  }

  next(entry: number): number {
    return this.#records[entry * recordSize + nextField]!;
  }

  follow(entry: number, next: number): void {
    this.#records[entry * recordSize + nextField] = next;
  }

  /** How many bytes of a body the entry covers, the space or newline behind its text among them. */
  length(entry: number): number {
    return this.#records[entry * recordSize + lengthField]!;
  }

  kind(entry: number): Kind {
    return this.#records[entry * recordSize + kindField]!;
  }

  /** Whether it is this entry that stands at `at`. */
  matches(entry: number, view: DataView, at: number, limit: number): boolean {
    const length = this.length(entry);
    return length !== 0 && at + length <= limit && this.#equals(entry, view, at, length);
  }

  /** The entry whose text (without the byte behind it) stands between `start` and `end`, or -1. */
  find(view: DataView, start: number, end: number): number {
    const hash = hashBytes(view, start, end);
    const index = this.#index;
    for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
      const entry = index.at(slot);
      if (!index.hasHash(slot, hash) || this.length(entry) !== end - start + 1) continue;
      if (this.#equals(entry, view, start, end - start)) return entry;
    }
    return -1;
  }

  /** Adds the text between `start` and `end`, which `find` does not know. */
  add(source: Source, start: number, end: number, kind: Kind): number {
    const length = end - start + 1;
    this.#reserveKeys(length);
    const offset = this.#keysLength * 4;
    source.bytes.copy(this.#keyBytes, offset, start, end);
    this.#keyBytes[offset + length - 1] = isSeries(kind) ? 0x20 : 0x0a;
    const entry = this.#addRecord(this.#keysLength, length, kind);
    this.#keysLength += (length + 3) >> 2;
    this.#index.add(hashBytes(source.view, start, end), entry);
    return entry;
  }

  /**
   * The labels that the entry's text spells: name, value, name, value, …, `__name__` first. They are read here, and not
   * kept when the entry is added: what lives until a page of a hundred thousand new series is read whole is old to V8, and
   * stays in memory for long.
   */
  takeLabels(entry: number): string[] {
    const offset = this.#offset(entry) * 4;
    // What stands here is well-formed, and that reads the same in both text formats.
    return parseSeries(this.#keyBytes, offset, offset + this.length(entry) - 1, this.typeOf(entry)).labels;
  }

  typeOf(entry: number): ExposedType {
    return exposedTypes[this.kind(entry)] ?? "untyped";
  }

  /** Copies an entry of another cache, and returns its number here. */
  adopt(from: SeriesCache, entry: number): number {
    const start = from.#offset(entry) * 4;
    const source = { bytes: from.#keyBytes, view: new DataView(from.#keys.buffer) };
    return this.add(source, start, start + from.length(entry) - 1, from.kind(entry));
  }

  /** Whether most entries are gone from the target: a scrape has `live` series, and each may have two lines of its own. */
  isCrowded(live: number): boolean {
    return this.#series > 2 * live + spareEntries || this.#size - this.#series > 2 * live + spareEntries;
  }

  #equals(entry: number, view: DataView, at: number, length: number): boolean {
    const words = length >> 2;
    const offset = this.#offset(entry);
    for (let word = 0; word < words; word++) {
      if (view.getInt32(at + word * 4, true) !== this.#keys[offset + word]) return false;
    }
    const rest = length & 3;
    if (rest === 0) return true;
    return ((view.getInt32(at + words * 4, true) ^ this.#keys[offset + words]!) & ((1 << (rest * 8)) - 1)) === 0;
  }

  #offset(entry: number): number {
    return this.#records[entry * recordSize + offsetField]!;
  }

  #addRecord(offset: number, length: number, kind: Kind): number {
    const entry = this.#size++;
    if (this.#size * recordSize > this.#records.length) this.#records = grown(this.#records);
    this.#records.set([offset, length, 0, kind], entry * recordSize);
    if (isSeries(kind)) this.#series++;
    return entry;
  }

  #reserveKeys(length: number): void {
    while ((this.#keysLength + 2) * 4 + length > this.#keyBytes.length) {
      this.#keys = grown(this.#keys);
      this.#keyBytes = Buffer.from(this.#keys.buffer);
    }
  }
}

interface Source {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Of one entry: where its key begins (in words), the bytes it covers, the entry that followed last, its kind. */
const recordSize = 4;
const offsetField = 0;
const lengthField = 1;
const nextField = 2;
const kindField = 3;

/** So many entries more than needed are no reason yet to start again. */
const spareEntries = 500;

/**
 * What an entry is: a series, by the TYPE that was in force when it was added; a line that declares nothing, such as
 * HELP; or a TYPE line, by the type it declares.
 */
export type Kind = number;

export const metaLine: Kind = exposedTypes.length;
const firstTypeLine: Kind = metaLine + 1;
const start: Kind = firstTypeLine + exposedTypes.length;

export function isSeries(kind: Kind): boolean {
  return kind < metaLine;
}

export function seriesOf(type: ExposedType): Kind {
  return exposedTypes.indexOf(type);
}

/** The kind of a line that declares this type. */
export function typeLine(type: ExposedType): Kind {
  return firstTypeLine + exposedTypes.indexOf(type);
}

/** The type that a TYPE line declares; undefined for any other line. */
export function declaredType(kind: Kind): ExposedType | undefined {
  return exposedTypes[kind - firstTypeLine];
}

/** By a quarter and not by half: every target has a cache, and what is spare in it is memory for nothing. */
function grown(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.ceil(words.length / 4) * 5);
  copy.set(words);
  return copy;
}

/** FNV-1a over words instead of bytes. */
function hashBytes(view: DataView, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return hash;
}
