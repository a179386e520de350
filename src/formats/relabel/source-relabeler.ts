import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { StreamRelabeler } from "./stream-relabeler.ts";

/** Sets of labels whose relabeled ones are remembered. */
const remembered = 1000;

/** The one internal label that travels on: loki.write chooses the tenant by it. */
const tenantLabel = "__tenant_id__";

/** What becomes of the labels of an entry whose source gives it internal ones, which begin with `__` and end here. */
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
    const visible = this.#withoutInternal(stream);
    this.#visible.set(stream, visible);
    return visible;
  }

  #withoutInternal(labels: Labels): Labels {
    const isInternal = (name: string) => name.startsWith("__") && name !== tenantLabel;
    const visible = labels.filter((_, at) => !isInternal(labels[at - (at % 2)] ?? ""));
    return visible.length === 0 ? this.#fallback : visible;
  }
}
