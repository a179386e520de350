import { z } from "zod";
import { type Component, defineComponent } from "../../component.ts";
import { formatRfc3339 } from "../../lib/rfc3339.ts";
import { formatLabels, type Labels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";

/** Prints to the agent's standard output. */
export const lokiEcho = lokiEchoTo((text) => process.stdout.write(text));

export function lokiEchoTo(write: (text: string) => void): Component {
  return defineComponent({
    type: "loki.echo",
    summary: "Prints log entries to standard output, to see what flows.",
    description: "An entry is its time, its labels, its structured metadata if it has any, and the line, in quotes.",
    accepts: "logs",
    config: z.strictObject({}),
    example: `
loki.relabel.tidy:
  rules:
    - { regex: pid, action: labeldrop }
  forward_to: [loki.echo.terminal]

loki.echo.terminal: {}
`,

    create() {
      return {
        input: {
          receive(batch) {
            write(render(batch));
            return Promise.resolve();
          },
        },
      };
    },
  });
}

/** `2026-01-01T00:00:00.000000001Z {app="web"} "GET /"`, an entry a line. */
function render({ stream, timestamps, lines, metadata }: LogBatch): string {
  const labels = formatLabels(stream);
  return lines
    .map(
      (line, at) =>
        `${[formatRfc3339(timestamps[at] ?? 0n), labels, ...own(metadata?.[at])].join(" ")} ${quote(line)}\n`,
    )
    .join("");
}

function own(metadata: Labels = []): string[] {
  return metadata.length === 0 ? [] : [formatLabels(metadata)];
}

const quote = JSON.stringify;
