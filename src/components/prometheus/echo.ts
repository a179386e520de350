import { z } from "zod";
import { type Component, defineComponent } from "../../component.ts";
import { formatGoFloat } from "../../lib/go-float.ts";
import { type Labels, labelValue } from "../../signals/labels.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";

/** Prints to the agent's standard output. */
export const prometheusEcho = prometheusEchoTo((text) => process.stdout.write(text));

export function prometheusEchoTo(write: (text: string) => void): Component {
  return defineComponent({
    type: "prometheus.echo",
    summary: "Prints metrics to standard output, to see what flows.",
    accepts: "metrics",
    config: z.strictObject({
      format: z
        .enum(["text", "summary"])
        .default("text")
        .describe("`text`: a line for each sample, with its time; `summary`: a line for each scrape."),
    }),
    example: `
prometheus.exporter.unix.host: {}

prometheus.scrape.host:
  targets: [prometheus.exporter.unix.host]
  forward_to: [prometheus.echo.terminal]

prometheus.echo.terminal:
  format: summary
`,

    create({ format }) {
      const render = format === "text" ? renderSamples : renderSummary;
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

/** `up{instance="localhost:9100",job="host"} 1 1767225600000`; a series that ended has `stale` for a value. */
function renderSamples(batch: MetricBatch): string {
  let text = "";
  for (let row = 0; row < batch.length; row++) {
    const labels = batch.series.labels(batch.ids[row] ?? 0);
    const value = row >= batch.staleFrom ? "stale" : formatGoFloat(batch.values[row] ?? 0);
    text += `${renderSeries(labels)} ${value} ${batch.timestamps[row]}\n`;
  }
  return text;
}

function renderSummary({ series, ids, length, staleFrom }: MetricBatch): string {
  const labels = length === 0 ? [] : series.labels(ids[0] ?? 0);
  const target = ["job", "instance"].map((name) => `${name}=${quote(labelValue(labels, name))}`).join(" ");
  const stale = length > staleFrom ? `, ${length - staleFrom} stale` : "";
  return `${target} ${Math.min(staleFrom, length)} samples${stale}\n`;
}

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** As in the text format; a name outside of the classic letters stands in quotes between the braces (Prometheus 3). */
function renderSeries(labels: Labels): string {
  const metric = labelValue(labels, "__name__");
  const isPlain = plainName.test(metric);
  const pairs = isPlain || metric === "" ? [] : [quote(metric)];
  for (let at = 0; at < labels.length; at += 2) {
    const [name = "", value = ""] = labels.slice(at, at + 2);
    if (name !== "__name__") pairs.push(`${plainName.test(name) ? name : quote(name)}=${quote(value)}`);
  }
  const inBraces = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return isPlain ? metric + inBraces : inBraces;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`;
}
