import { z } from "zod";
import { counter, defineComponent, gauge } from "../../component.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { StreamRelabeler } from "../../formats/relabel/stream-relabeler.ts";
import { withStream } from "../../signals/log-batch.ts";

export const lokiRelabel = defineComponent({
  type: "loki.relabel",
  summary: "Rewrites the labels of log streams, and drops streams, by relabel rules.",
  description:
    "A stream is relabeled when it is first seen, and again when it has not been seen for so long that others took its " +
    "place among the `max_cache_size` that are remembered. A stream that is left without labels is dropped.",
  accepts: "logs",
  emits: "logs",
  metrics: {
    processed: counter("loki_relabel_entries_processed", "Entries that came in."),
    written: counter("loki_relabel_entries_written", "Entries that were sent on."),
    hits: counter("loki_relabel_cache_hits", "Batches whose stream was remembered."),
    misses: counter("loki_relabel_cache_misses", "Batches whose stream was relabeled."),
    size: gauge("loki_relabel_cache_size", "Streams that are remembered."),
  },
  config: z.strictObject({
    rules: relabelRules.describe("Relabel rules, in the order in which they apply."),
    max_cache_size: z.int().min(1).default(10_000).describe("Streams whose result is remembered."),
  }),
  example: `
loki.relabel.tidy:
  rules:
    - { source_labels: [__journal__systemd_unit], target_label: unit }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create({ rules, max_cache_size }, { output, metrics }) {
    const relabeler = new StreamRelabeler(rules, max_cache_size);

    return {
      input: {
        receive(batch) {
          const { stream, isKnown } = relabeler.relabel(batch.stream);
          metrics.processed.inc(batch.timestamps.length);
          (isKnown ? metrics.hits : metrics.misses).inc();
          metrics.size.set(relabeler.size);
          if (stream === undefined) return Promise.resolve();
          metrics.written.inc(batch.timestamps.length);
          return output.receive(withStream(batch, stream));
        },
      },
    };
  },
});
