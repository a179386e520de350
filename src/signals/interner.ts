/** More different strings than this are not worth sharing: most of them are then gone from the targets. */
const capacity = 100_000;

/**
 * One copy of each string: a fleet's label sets are mostly the same names and values. When it has seen too many it
 * forgets them; strings in use stay as they are and are merely not shared with later ones.
 */
export class Interner {
  readonly #strings = new Map<string, string>();

  intern(text: string): string {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size === capacity) this.#strings.clear();
    this.#strings.set(text, text);
    return text;
  }
}
