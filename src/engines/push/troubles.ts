/** What is wrong in the parts of a component, as one health. */
export class Troubles<Part extends string> {
  readonly #setHealth: (health: "healthy" | "unhealthy", reason: string) => void;
  readonly #parts: readonly Part[];
  readonly #reasons = new Map<Part, string>();

  /** The reasons are told in the order of the parts. */
  constructor(parts: readonly Part[], setHealth: (health: "healthy" | "unhealthy", reason: string) => void) {
    this.#parts = parts;
    this.#setHealth = setHealth;
  }

  get(part: Part): string | undefined {
    return this.#reasons.get(part);
  }

  /** Nothing is wrong with the part when there is no reason. */
  set(part: Part, reason: string | undefined): void {
    if (reason) this.#reasons.set(part, reason);
    else this.#reasons.delete(part);
    const all = this.#parts.flatMap((each) => this.#reasons.get(each) ?? []).join("; ");
    this.#setHealth(all === "" ? "healthy" : "unhealthy", all);
  }
}
