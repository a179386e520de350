import { withoutLabels } from "../entry.ts";
import { changing, type StageKind } from "../stage.ts";

export interface PackOptions {
  readonly labels: readonly string[];
  readonly ingest_timestamp: boolean;
}

/** Puts labels and extracted values into the line, as JSON that Loki's `unpack` takes apart again. */
export const pack: StageKind<PackOptions> = {
  name: "pack",
  create({ labels, ingest_timestamp }, { clock }) {
    const names = [...new Set(labels)].toSorted();
    return changing((entry) => {
      const packed = names.filter((name) => entry.extracted[name] !== undefined);
      const fields = packed.map((name) => [name, entry.extracted[name]]);
      entry.line = JSON.stringify(Object.fromEntries([...fields, ["_entry", entry.line]]));
      entry.labels = withoutLabels(entry.labels, (name) => packed.includes(name));
      if (ingest_timestamp) entry.timestamp = BigInt(clock.now()) * 1_000_000n;
    });
  },
};
