import type { ExpositionError } from "./exposition-error.ts";

/** With more mistakes than this a page is not worth the time to find all of them. */
const maxSkipped = 10_000;

/** What was left out of one page, where a mistake costs no more than its line (in protobuf: its message). */
export class SkippedLines {
  #count = 0;
  #first: ExpositionError | undefined;

  get count(): number {
    return this.#count;
  }

  get first(): ExpositionError | undefined {
    return this.#first;
  }

  /** False when it was one mistake too many: then the page is to be given up. */
  add(error: ExpositionError): boolean {
    this.#first ??= error;
    return ++this.#count <= maxSkipped;
  }
}
