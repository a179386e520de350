import type { MetadataSource, MetricMetadata } from "../../signals/metadata.ts";

/** Whatever the senders do: of more families nothing is remembered. */
const mostFamilies = 20_000;

/** What senders have said about metric families; what they said last counts. */
export class ReceivedMetadata implements MetadataSource {
  metadataVersion = 0;
  readonly #families = new Map<string, MetricMetadata>();

  metadata(): readonly MetricMetadata[] {
    return [...this.#families.values()];
  }

  note(said: MetricMetadata): void {
    const known = this.#families.get(said.family);
    if (known === undefined ? this.#families.size >= mostFamilies : isSame(known, said)) return;
    this.#families.set(said.family, said);
    this.metadataVersion++;
  }
}

function isSame(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
