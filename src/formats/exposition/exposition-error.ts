/** What is wrong with a page, in words for its author. */
export class ExpositionError extends Error {
  /** Counted from 1, in pages that have lines. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`);
    this.line = line;
  }
}
