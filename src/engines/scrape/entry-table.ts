import { grownColumn } from "../../lib/columns.ts";

/** The entry's series is not known yet, or was not there in the last scrape that succeeded. */
export const unknownEntry = -1;

/** The entry's series is dropped by a rule. */
export const droppedEntry = -2;

/** So that a number takes one byte. */
const mostScrapes = 255;

/** What a target knows of each entry of its exposure. Arrays, and open to the loop that goes over all rows. */
export class EntryTable {
  /** By entry: the id of its series, or one of the two above. */
  ids = new Int32Array(64).fill(unknownEntry);
  /** By entry: `scrape`, if the scrape at work has had it. */
  seen = new Uint8Array(64);
  /** A number for the scrape at work. */
  scrape = 1;
  /** How many entries are not unknown. */
  known = 0;

  /** Begins the next scrape. */
  begin(): void {
    this.scrape++;
    if (this.scrape <= mostScrapes) return;
    this.seen.fill(0);
    this.scrape = 1;
  }

  reserve(size: number): void {
    this.ids = grownColumn(this.ids, size, unknownEntry);
    this.seen = grownColumn(this.seen, size);
  }

  learn(entry: number, id: number): void {
    this.ids[entry] = id;
    this.known++;
  }

  unlearn(entry: number): void {
    this.ids[entry] = unknownEntry;
    this.known--;
  }

  /** The labels of all series are to be worked out again. */
  forgetAll(): void {
    this.ids.fill(unknownEntry);
    this.seen.fill(0);
    this.known = 0;
  }

  /** Of the entries of the scrape at work there are `distinct`; the others are new when they come back. */
  forgetUnseen(distinct: number, size: number): void {
    if (this.known === distinct) return;
    for (let entry = 0; entry < size; entry++) {
      if (this.seen[entry] !== this.scrape) this.ids[entry] = unknownEntry;
    }
    this.known = distinct;
  }
}
