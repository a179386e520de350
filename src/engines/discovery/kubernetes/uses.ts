/**
 * Which objects were made into targets by the help of which others, whether or not those were there: when such a one comes,
 * changes or goes, the targets have to be made anew.
 */
export class Uses {
  /** What is used, to who uses it. */
  readonly #users = new Map<string, Set<string>>();
  /** Who uses something, to all of it. */
  readonly #used = new Map<string, Set<string>>();

  usersOf(used: string): readonly string[] {
    return [...(this.#users.get(used) ?? [])];
  }

  add(user: string, used: string): void {
    this.#users.set(used, (this.#users.get(used) ?? new Set()).add(user));
    this.#used.set(user, (this.#used.get(user) ?? new Set()).add(used));
  }

  /** It is gone, or is about to be made anew: what it does not use again is of no interest any more. */
  forget(user: string): void {
    for (const used of this.#used.get(user) ?? []) {
      const users = this.#users.get(used);
      users?.delete(user);
      if (users?.size === 0) this.#users.delete(used);
    }
    this.#used.delete(user);
  }

  /** How many things are used. */
  get size(): number {
    return this.#users.size;
  }
}
