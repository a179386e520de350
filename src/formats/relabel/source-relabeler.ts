import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { withoutInternal } from "./source-labels.ts";
import { StreamRelabeler } from "./stream-relabeler.ts";

/** Sets of labels whose relabeled ones are remembered. */
const remembered = 1000;

/**
 * As `sourceLabels`, for sources of many entries: what the rules made of the last sets is remembered. An entry that would
 * have no label at all keeps some to fall back on.
 */
export class SourceRelabeler {
  readonly #relabeler: StreamRelabeler;
  readonly #fallback: Labels;
  /** By the relabeled set, which the relabeler remembers. */
  readonly #visible = new WeakMap<Labels, Labels>();

  /** `fallback` is what an entry has that would have no label at all: Loki takes none without. */
  constructor(rules: readonly RelabelRule[], fallback: Labels) {
    this.#relabeler = new StreamRelabeler(rules, remembered);
    this.#fallback = fallback;
  }

  /** Undefined where a rule drops the entry. */
  relabel(labels: Labels): Labels | undefined {
    const { stream } = this.#relabeler.relabel(labels);
    if (stream === undefined) return undefined;
    const known = this.#visible.get(stream);
    if (known !== undefined) return known;
    const visible = withoutInternal(stream);
    const kept = visible.length === 0 ? this.#fallback : visible;
    this.#visible.set(stream, kept);
    return kept;
  }
}
