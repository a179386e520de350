import { resolve } from "node:path";
import { z } from "zod";
import { counter, defineComponent, gauge } from "../../component.ts";
import { positiveDuration } from "../../config/fields.ts";
import { FileDiscovery } from "../../engines/discovery/file.ts";

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
    "component is unhealthy until it can be read again; a file that is deleted takes its targets along. Changes are seen " +
    "within seconds.",
  emits: "targets",
  metrics: {
    failures: counter(
      "failures_total",
      "Files and folders that could not be read, and receivers that refused the targets, counted at every look.",
    ),
    lastSuccess: gauge("last_success_timestamp_seconds", "When all was last found in order."),
  },
  config: z.strictObject({
    files: z
      .array(filePattern)
      .min(1)
      .describe("Paths of the files, `*` allowed in the last element; relative to the folder of the config file."),
    refresh_interval: positiveDuration
      .prefault("5m")
      .describe("Time after which all files are read again even where nothing seems to have changed."),
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

  create({ files, refresh_interval }, { output, metrics, log, configDir, world, setHealth }) {
    let known: readonly string[] = [];
    const discovery = new FileDiscovery({
      patterns: files.map((file) => resolve(configDir, file)),
      refreshIntervalMs: refresh_interval,
      clock: world.clock,
      publish: (groups) => output.receive(groups),
      report,
    });

    return { run: (stop) => discovery.run(stop), debug: () => ({ files: discovery.files() }) };

    function report(failures: readonly string[]): void {
      const [first, ...others] = failures;
      if (first === undefined) {
        metrics.lastSuccess.set(world.clock.now() / 1000);
        setHealth("healthy");
      } else {
        metrics.failures.inc(failures.length);
        const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
        setHealth("unhealthy", `${first}${more}; the last good targets stay until it is mended`);
      }
      for (const failure of failures.filter((text) => !known.includes(text))) {
        log.warn("targets cannot be brought up to date, the last good ones stay", { failure });
      }
      if (first === undefined && known.length > 0) log.info("targets are up to date again");
      known = failures;
    }
  },
});
