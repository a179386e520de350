import { grownColumn } from "../../lib/columns.ts";
import { HashIndex } from "../../lib/hash-index.ts";
import type { Body } from "./body.ts";
import { type ExposedType, exposedTypes } from "./exposed-type.ts";
import { hashKey } from "./key-hash.ts";
import { parseSeries } from "./parse-series.ts";

/**
 * Series by their text, without reading the text again. A target exposes its series in the same order each time, so
 * each entry remembers which one followed it last time, and a scan only compares the text with that guess:
 *
 *     # TYPE http_requests_total counter⏎      entry 1 ── next ──┐
 *     http_requests_total{code="200"}␠17⏎      entry 2 ◄─────────┘ ── next ──┐
 *     http_requests_total{code="500"}␠3⏎       entry 3 ◄─────────────────────┘
 *
 * Of a text an entry holds its length and 64 bits of hash (docs/adr/0024), so that an agent of many series need not hold
 * their texts; where the text stands in a page, the page itself remembers. An entry covers the byte that must
 * follow (the space, the newline), so equal lengths mean that the key ends there, and neither quotes nor braces are
 * looked at. HELP and TYPE lines are entries like series: whole lines that repeat; theirs are the texts that are kept.
 * Where a guess is wrong, the hash finds the entry and the links are learnt anew. Entry 0 stands for the start of a body.
 */
export class SeriesCache {
  #records = new Int32Array(64 * recordSize);
  #kinds = new Uint8Array(64);
  /** The one that was met last where it was not guessed comes last. */
  readonly #metaTexts = new Map<number, string>();
  #metaVersion = 0;
  readonly #lanes = new Int32Array(2);
  readonly #index = new HashIndex((entry) => this.#records[entry * recordSize + lowField]!);
  #size = 0;

  constructor() {
    this.#addRecord(0, start);
  }

  /** Entries are below this. */
  get size(): number {
    return this.#size;
  }

  /** Entries that are no series, the start among them. */
  get metaLines(): number {
    return this.#metaTexts.size + 1;
  }

  /** Goes up when one of them is new, or says again what another has said since. */
  get metaVersion(): number {
    return this.#metaVersion;
  }

  /** Entries that are lines; of two about the same, the later one counts. */
  metaEntries(): Iterable<number> {
    return this.#metaTexts.keys();
  }

  /** Of an entry that is no series: its line. */
  metaText(entry: number): string {
    return this.#metaTexts.get(entry) ?? "";
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
    return this.#kinds[entry]!;
  }

  /** Whether it is this entry that stands at `at`. */
  matches(entry: number, body: Body, at: number, limit: number): boolean {
    const length = this.length(entry);
    if (length === 0 || at + length > limit) return false;
    const end = at + length - 1;
    const { view, places } = body;
    if (view.getUint8(end) !== (isSeries(this.kind(entry)) ? 0x20 : 0x0a)) return false;
    hashKey(view, at, end, this.#lanes);
    if (!this.#hasHash(entry)) return false;
    places[entry] = at;
    return true;
  }

  /** The entry whose text (without the byte behind it) stands between `start` and `end`, or -1. */
  find(body: Body, start: number, end: number): number {
    hashKey(body.view, start, end, this.#lanes);
    const index = this.#index;
    for (let slot = index.first(this.#lanes[0]!); index.at(slot) >= 0; slot = index.next(slot)) {
      const entry = index.at(slot);
      if (this.length(entry) !== end - start + 1 || !this.#hasHash(entry)) continue;
      body.places[entry] = start;
      if (!isSeries(this.kind(entry))) this.#keepMeta(entry, this.metaText(entry));
      return entry;
    }
    return -1;
  }

  /** Adds the text between `start` and `end`, which `find` does not know. */
  add(body: Body, start: number, end: number, kind: Kind): number {
    hashKey(body.view, start, end, this.#lanes);
    const entry = this.#addRecord(end - start + 1, kind);
    if (!isSeries(kind)) this.#keepMeta(entry, body.bytes.toString("utf8", start, end));
    this.#index.add(this.#lanes[0]!, entry);
    body.places = grownColumn(body.places, this.#size);
    body.places[entry] = start;
    return entry;
  }

  /** To be called before a body is read: there is to be a place for each entry. */
  open(body: Body): void {
    if (this.#size === 1) this.#reserve(lines(body) + 1);
    body.places = grownColumn(body.places, this.#size);
  }

  /** The labels that the entry's text spells, in a body that has it: name, value, …, `__name__` first. */
  takeLabels(entry: number, { bytes, places }: Body): string[] {
    const place = places[entry]!;
    // What stands here is well-formed, and that reads the same in both text formats.
    return parseSeries(bytes, place, place + this.length(entry) - 1, this.typeOf(entry)).labels;
  }

  typeOf(entry: number): ExposedType {
    return exposedTypes[this.kind(entry)] ?? "untyped";
  }

  /** Copies an entry of another cache, and returns its number here. */
  adopt(from: SeriesCache, entry: number): number {
    const at = entry * recordSize;
    this.#lanes.set(from.#records.subarray(at + lowField, at + highField + 1));
    const adopted = this.#addRecord(from.length(entry), from.kind(entry));
    const text = from.#metaTexts.get(entry);
    if (text !== undefined) this.#keepMeta(adopted, text);
    this.#index.add(this.#lanes[0]!, adopted);
    return adopted;
  }

  /** Whether most entries are gone from the target: a scrape has `live` series, and each may have two lines of its own. */
  isCrowded(live: number): boolean {
    return this.#size - this.metaLines > 2 * live + spareEntries || this.metaLines > 2 * live + spareEntries;
  }

  /** Gives memory back that only new series, and such that stand elsewhere, need. */
  rest(): void {
    this.#index.rest();
  }

  #keepMeta(entry: number, text: string): void {
    this.#metaTexts.delete(entry);
    this.#metaTexts.set(entry, text);
    this.#metaVersion++;
  }

  #reserve(size: number): void {
    this.#records = grownColumn(this.#records, size * recordSize);
    this.#kinds = grownColumn(this.#kinds, size);
    this.#index.reserve(size);
  }

  /** Whether the entry has the hash in `#lanes`. */
  #hasHash(entry: number): boolean {
    const at = entry * recordSize;
    const records = this.#records;
    return records[at + lowField] === this.#lanes[0] && records[at + highField] === this.#lanes[1];
  }

  /** Of the hash in `#lanes`. */
  #addRecord(length: number, kind: Kind): number {
    const entry = this.#size++;
    this.#records = grownColumn(this.#records, this.#size * recordSize);
    this.#kinds = grownColumn(this.#kinds, this.#size);
    this.#records.set([this.#lanes[0]!, this.#lanes[1]!, length, 0], entry * recordSize);
    this.#kinds[entry] = kind;
    return entry;
  }
}

function lines({ bytes, length }: Body): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < length; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** Of one entry: the hash of its text, the bytes it covers, the entry that followed last. */
const recordSize = 4;
const lowField = 0;
const highField = 1;
const lengthField = 2;
const nextField = 3;

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
  // What is below the first index of an array is looked for among the names of its properties, which takes long.
  return kind < firstTypeLine ? undefined : exposedTypes[kind - firstTypeLine];
}
