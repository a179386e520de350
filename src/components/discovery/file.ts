import { resolve } from "node:path";
import { z } from "zod";
import { counter, defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { positiveDuration } from "../../config/fields.ts";
import { Discovery } from "../../engines/discovery/discovery.ts";
import { FileSearch } from "../../engines/discovery/file.ts";
import { realDisk } from "../../lib/disk-real.ts";

/** Prometheus' rule: a `*` in the last element only, and an ending that says how to read the file. */
const filePattern = z.string().regex(/^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/, {
  error: "expected a path that ends in .json, .yml or .yaml, with `*` in its last element at most",
});

export const discoveryFile = defineComponent({
  type: "discovery.file",
  summary: "Reads scrape targets from files.",
  description:
    "The files are those of Prometheus' `file_sd_configs`: YAML or JSON, a list of `{targets: [...], labels: {...}}`. " +
    "Every target gets the label `__meta_filepath`. A file that becomes unreadable keeps its last good targets, and the " +
    "component is unhealthy until it can be read again; a file that is deleted or has no targets any more takes its " +
    "targets along once it was looked at so often that the change is no accident. Changes are seen within seconds, on " +
    "network file systems too.",
  emits: "targets",
  metrics: {
    ...discoveryMetrics,
    readErrors: counter("prometheus_sd_file_read_errors_total", "Files that could not be read, counted at every look."),
  },
  config: z.strictObject({
    files: z
      .array(filePattern)
      .min(1)
      .describe("Paths of the files, `*` allowed in the last element; relative to the folder of the config file."),
    refresh_interval: positiveDuration
      .prefault("5m")
      .describe("Time after which all files are read again even where nothing seems to have changed."),
    ...discoveryFields,
  }),
  example: `
discovery.file.fleet:
  files: [targets/*.yaml, /etc/sonde/extra.json]

prometheus.scrape.fleet:
  targets: [discovery.file.fleet]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create({ files, refresh_interval, empty_grace }, context) {
    const patterns = files.map((file) => resolve(context.configDir, file));
    const search = new FileSearch({
      patterns,
      refreshIntervalMs: refresh_interval,
      clock: context.world.clock,
      onReadError: () => context.metrics.readErrors.inc(),
    });
    const options = { emptyGrace: empty_grace, identity: JSON.stringify(patterns), disk: realDisk };
    const discovery = new Discovery(search, options, context);
    return { run: (stop) => discovery.run(stop), debug: () => discovery.debug() };
  },
});
