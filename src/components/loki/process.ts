import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { ConfigError, counter, customMetrics, defineComponent, type Meters } from "../../component.ts";
import { logStages } from "../../config/fields/log-stages/log-stages.ts";
import { metricNamesOf, mistakesInStage } from "../../engines/process-log/check-stages.ts";
import { Pipeline } from "../../engines/process-log/pipeline.ts";
import { OptionError, type StageCounts, shownOption } from "../../engines/process-log/stage.ts";

const specs = {
  dropped: counter("loki_process_dropped_lines_total", "Lines that stages dropped, by reason.", ["reason"]),
  droppedByLabel: counter(
    "loki_process_dropped_lines_by_label_total",
    "Lines that the stage limit dropped, by the label whose values have a rate of their own.",
    ["label_name", "label_value"],
  ),
  truncated: counter("loki_process_truncated_fields_total", "Values that the stage truncate cut, by what they are.", [
    "field",
  ]),
  criFlushed: counter(
    "loki_process_cri_partial_lines_flushed_total",
    "Unfinished lines that went on because more streams than max_partial_lines had one.",
  ),
  criTruncated: counter(
    "loki_process_cri_lines_truncated_total",
    "Lines that were longer than max_partial_line_size and were cut.",
  ),
  custom: customMetrics("loki_process_custom_…", "What the stages `metrics` count, under the names that they give."),
};

export const lokiProcess = defineComponent({
  type: "loki.process",
  summary: "Takes log lines apart, changes them and their labels, joins and drops them, stage by stage.",
  description: `
An entry has a line, a time, labels, structured metadata, and a map of extracted values, which begins with the labels.
Stages that read a line fill the map (\`json\`, \`regex\` …), and others use it (\`labels\`, \`output\`, \`timestamp\` …).
Regular expressions have RE2's syntax. Each item of \`stages\` is a mapping of one key, the name of the stage.

A batch is acknowledged when all that was made of it is. So the position in a file stays in front of lines that a stage
holds back: a block of \`multiline\` that is not complete, or a line that waits for its turn in \`limit\`. A line that is
held back when the agent stops is sent as it is, and may come again with its batch at the next start.
What the stages do to a line is shown by \`sonde tools process\`,
and can be tested with \`sonde test\`.`.trim(),
  accepts: "logs",
  emits: "logs",
  metrics: specs,
  config: z.strictObject({
    stages: logStages(mistakesInStage).default([]).describe("The stages, in their order."),
  }),
  example: `
loki.process.app:
  stages:
    - multiline: { firstline: '^\\d{4}-\\d{2}-\\d{2} ' }
    - regex: { expression: '^(?P<time>\\S+ \\S+) (?P<level>[A-Z]+) ' }
    - timestamp: { source: time, format: "2006-01-02 15:04:05", location: Europe/Berlin }
    - template: { source: level, template: "{{ ToLower .Value }}" }
    - labels: { values: { level: "" } }
    - drop: { source: level, value: debug }
    - match:
        selector: '{app="billing"} |= "card"'
        stages:
          - luhn: {}
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

  create({ stages }, { output, metrics, world: { clock, random }, configDir }) {
    const readFile = (path: string) => readFileSync(resolve(configDir, path));
    const { custom } = metrics;
    const pipeline = createPipeline({ stages, output, clock, random, counts: countsOf(metrics), custom, readFile });
    return {
      input: pipeline,
      run(stop) {
        custom.keep(metricNamesOf(stages));
        return pipeline.run(stop);
      },
    };
  },
});

function createPipeline(options: ConstructorParameters<typeof Pipeline>[0]): Pipeline {
  try {
    return new Pipeline(options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new ConfigError(shownOption(error));
  }
}

function countsOf({ dropped, droppedByLabel, truncated, criFlushed, criTruncated }: Meters<typeof specs>): StageCounts {
  return {
    dropped: (reason) => dropped.inc({ reason }),
    droppedByLabel: (label_name, label_value) => droppedByLabel.inc({ label_name, label_value }),
    truncated: (field) => truncated.inc({ field }),
    criFlushed: (lines) => criFlushed.inc(lines),
    criTruncated: () => criTruncated.inc(),
  };
}
