import { compareUtf8, equalLabels, type Labels, labelValue } from "../../signals/labels.ts";

/**
 * A label set while rules work on it: the set it began with, what was taken from it, and what was set since.
 *
 * The order in which labels are visited decides who wins when `labelmap` gives two labels the same name, so it is
 * Prometheus' order: labels of the first set by name, without those that were deleted or set anew; then those that were
 * set, in the order in which they were first set. Setting again keeps the place; deleting and setting moves to the end.
 * A Map keeps exactly that order.
 */
export class LabelBuilder {
  readonly #base: Labels;
  readonly #set = new Map<string, string>();
  readonly #deleted = new Set<string>();

  constructor(base: Labels) {
    this.#base = base;
  }

  /** "" when absent. */
  get(name: string): string {
    return this.#set.get(name) ?? (this.#deleted.has(name) ? "" : labelValue(this.#base, name));
  }

  /** An empty value deletes the label: it would be an absent one. */
  set(name: string, value: string): void {
    if (value === "") this.delete(name);
    else this.#set.set(name, value);
  }

  delete(name: string): void {
    this.#set.delete(name);
    this.#deleted.add(name);
  }

  /** A snapshot, flat, in the order described above: the visitor may set and delete. */
  entries(): string[] {
    const entries = this.#untouched();
    for (const [name, value] of this.#set) entries.push(name, value);
    return entries;
  }

  /** The result; the very set it began with if it is equal, so that no set is held twice. */
  labels(): Labels {
    if (this.#set.size === 0 && this.#deleted.size === 0) return this.#base;
    const labels = this.#merged();
    return equalLabels(labels, this.#base) ? this.#base : labels;
  }

  #merged(): Labels {
    const kept = this.#untouched();
    const names = [...this.#set.keys()].sort(compareUtf8);
    const labels: string[] = [];
    let next = 0;
    for (const name of names) {
      for (; next < kept.length && compareUtf8(kept[next]!, name) < 0; next += 2) {
        labels.push(kept[next]!, kept[next + 1]!);
      }
      labels.push(name, this.#set.get(name)!);
    }
    for (; next < kept.length; next++) labels.push(kept[next]!);
    return labels;
  }

  #untouched(): string[] {
    const kept: string[] = [];
    for (let at = 0; at < this.#base.length; at += 2) {
      const name = this.#base[at]!;
      if (!this.#deleted.has(name) && !this.#set.has(name)) kept.push(name, this.#base[at + 1]!);
    }
    return kept;
  }
}
