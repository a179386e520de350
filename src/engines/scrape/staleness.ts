import { grownColumn } from "../../lib/columns.ts";

/**
 * Which series were there in the last scrape and are not in this one. Each series holds the number of the scrape that
 * saw it last, in one byte, so that nothing is kept twice and hardly ever is anything cleared:
 *
 *     scrape 7 saw   a b c        seen: a 8, b 7, c 8     vanished in scrape 8: b
 *     scrape 8 saw   a   c d            d 8
 */
export class Staleness {
  #seen = new Uint8Array(256);
  #scrape = 1;
  #tracked = 0;
  #before = 0;
  #stayed = 0;

  /** Begins the next scrape. */
  begin(): void {
    if (this.#scrape === mostScrapes) this.#startAgain();
    this.#scrape++;
    this.#before = this.#tracked;
    this.#tracked = 0;
    this.#stayed = 0;
  }

  reserve(size: number): void {
    this.#seen = grownColumn(this.#seen, size);
  }

  /** The series is there, and its next absence is worth a marker. */
  track(id: number): void {
    const last = id < this.#seen.length ? this.#seen[id]! : this.#grow(id);
    if (last === this.#scrape) return;
    if (last === this.#scrape - 1) this.#stayed++;
    this.#tracked++;
    this.#seen[id] = this.#scrape;
  }

  isTracked(id: number): boolean {
    return this.#seen[id] === this.#scrape;
  }

  /** Whether it was there in the scrape before this one. */
  wasTracked(id: number): boolean {
    return this.#seen[id] === this.#scrape - 1;
  }

  /** The series of the last scrape that this one has not tracked, in ascending order. */
  vanished(): readonly number[] {
    if (this.#stayed === this.#before) return none;
    const ids: number[] = [];
    for (let id = 0; id < this.#seen.length; id++) if (this.#seen[id] === this.#scrape - 1) ids.push(id);
    return ids;
  }

  /** The scrape before the next one becomes number 1. */
  #startAgain(): void {
    this.#seen = this.#seen.map((scrape) => (scrape === this.#scrape ? 1 : 0));
    this.#scrape = 1;
  }

  #grow(id: number): number {
    this.reserve(id + 1);
    return 0;
  }
}

/** So that a number takes one byte. */
const mostScrapes = 255;

const none: readonly number[] = [];
