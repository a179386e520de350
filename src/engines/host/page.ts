import type { FamilySample, MetricFamily } from "../../signals/metric-family.ts";
import type { Emit } from "./collector.ts";

interface OpenFamily extends MetricFamily {
  readonly samples: FamilySample[];
}

/**
 * Puts what collectors emit into families, in the order it comes. A family that comes with another help text or type
 * than before (mostly from a text file) is left out, as client_golang's registry does.
 */
export class Page {
  readonly #families = new Map<string, OpenFamily>();
  readonly #conflicts = new Set<string>();

  readonly emit: Emit = (family, labels, value, name = family.name) => {
    let open = this.#families.get(family.name);
    if (open === undefined) {
      open = { name: family.name, help: family.help, type: family.type, samples: [] };
      this.#families.set(family.name, open);
    }
    if (open.help === family.help && open.type === family.type) open.samples.push({ name, labels, value });
    else this.#conflicts.add(`${family.name} has another help text or type than what was collected before`);
  };

  families(): MetricFamily[] {
    return [...this.#families.values()];
  }

  /** In words. */
  conflicts(): readonly string[] {
    return [...this.#conflicts];
  }
}
