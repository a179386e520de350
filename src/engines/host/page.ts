import type { FamilySample, MetricFamily } from "../../signals/metric-family.ts";
import type { Emit } from "./collector.ts";

interface OpenFamily extends MetricFamily {
  readonly samples: FamilySample[];
}

/** Puts what collectors emit into families, in the order it comes. */
export class Page {
  readonly #families = new Map<string, OpenFamily>();

  readonly emit: Emit = (family, labels, value) => {
    let open = this.#families.get(family.name);
    if (open === undefined) {
      open = { ...family, samples: [] };
      this.#families.set(family.name, open);
    }
    open.samples.push({ name: family.name, labels, value });
  };

  families(): MetricFamily[] {
    return [...this.#families.values()];
  }
}
