/** What is wrong with the parts of one thing, told as one reason whenever it changes. */
export class Problems {
  readonly #tell: (reason: string | undefined) => void;
  readonly #byPart = new Map<string, string>();

  constructor(tell: (reason: string | undefined) => void) {
    this.#tell = tell;
  }

  /** Undefined: nothing is wrong with the part, or nothing any more. */
  note(part: string, reason: string | undefined): void {
    if (reason === undefined) this.#byPart.delete(part);
    else this.#byPart.set(part, reason);
    this.#tell(this.#byPart.size === 0 ? undefined : [...this.#byPart.values()].join("; "));
  }
}
