import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { relabel } from "./apply.ts";
import { type CompiledRule, compileRule } from "./compile.ts";

/** The stream's new labels; undefined where the rules drop it, or leave it none. */
export interface RelabeledStream {
  readonly stream: Labels | undefined;
  /** Whether the result was remembered. */
  readonly isKnown: boolean;
}

/** Rules over log streams. What they made of the streams seen last is remembered, so many of them at most. */
export class StreamRelabeler {
  readonly #rules: readonly CompiledRule[];
  readonly #limit: number;
  /** The stream's labels to its new ones; the order is that of their last use. */
  readonly #known = new Map<string, Labels | undefined>();

  constructor(rules: readonly RelabelRule[], limit: number) {
    this.#rules = rules.map(compileRule);
    this.#limit = limit;
  }

  get size(): number {
    return this.#known.size;
  }

  relabel(labels: Labels): RelabeledStream {
    // JSON, because no separator is safe: a label value may be any text.
    const key = JSON.stringify(labels);
    const isKnown = this.#known.has(key);
    const stream = isKnown ? this.#known.get(key) : nonEmpty(relabel(this.#rules, labels));
    this.#known.delete(key);
    this.#known.set(key, stream);
    if (this.#known.size > this.#limit) this.#forgetOldest();
    return { stream, isKnown };
  }

  #forgetOldest(): void {
    for (const key of this.#known.keys()) {
      this.#known.delete(key);
      return;
    }
  }
}

function nonEmpty(labels: Labels | undefined): Labels | undefined {
  return labels?.length === 0 ? undefined : labels;
}
