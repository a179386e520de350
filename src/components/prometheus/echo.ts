import { z } from "zod";
import { type Component, defineComponent } from "../../component.ts";
import { formatGoFloat } from "../../lib/go-float.ts";
import { type Labels, labelValue } from "../../signals/labels.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import { customBucketsSchema, type HistogramSpan, type NativeHistogram } from "../../signals/native-histogram.ts";

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
  for (const { id, histogram, timestamp } of batch.histograms ?? []) {
    text += `${renderSeries(batch.series.labels(id))} ${renderHistogram(histogram)} ${timestamp}\n`;
  }
  for (const { id, labels, value, timestamp } of batch.exemplars ?? []) {
    const exemplar = `# ${renderLabels(labels) || "{}"} ${formatGoFloat(value)} ${timestamp}`;
    text += `${renderSeries(batch.series.labels(id))} ${exemplar}\n`;
  }
  return text;
}

/**
 * `{count=12 sum=18.4 schema=1 zero=2 positive=0:1,1:2 negative=}`: buckets by their index. Custom buckets have no others
 * than positive ones, and bounds: `{count=12 sum=18.4 bounds=0.5,1 positive=0:3,2:9}`.
 */
function renderHistogram(histogram: NativeHistogram): string {
  const { kind, count, sum, schema, zeroCount, positiveSpans, negativeSpans, customValues = [] } = histogram;
  const [positive, negative] =
    kind === "integer"
      ? [absolute(histogram.positiveDeltas), absolute(histogram.negativeDeltas)]
      : [histogram.positiveCounts, histogram.negativeCounts];
  const shared = [`count=${count}`, `sum=${formatGoFloat(sum)}`];
  const inPositive = `positive=${renderBuckets(positiveSpans, positive)}`;
  const fields =
    schema === customBucketsSchema
      ? [...shared, `bounds=${customValues.map(formatGoFloat).join(",")}`, inPositive]
      : [
          ...shared,
          `schema=${schema}`,
          `zero=${zeroCount}`,
          inPositive,
          `negative=${renderBuckets(negativeSpans, negative)}`,
        ];
  return `{${fields.join(" ")}}`;
}

function absolute(deltas: readonly bigint[]): bigint[] {
  let count = 0n;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}

function renderBuckets(spans: readonly HistogramSpan[], counts: readonly (bigint | number)[]): string {
  let index = 0;
  const indexes = spans.flatMap(({ offset, length }) => {
    index += offset;
    return Array.from({ length }, () => index++);
  });
  return counts.map((count, at) => `${indexes[at]}:${count}`).join(",");
}

function renderSummary({ series, ids, length, staleFrom, histograms = [], exemplars = [] }: MetricBatch): string {
  const labels = length === 0 ? [] : series.labels(ids[0] ?? 0);
  const target = ["job", "instance"].map((name) => `${name}=${quote(labelValue(labels, name))}`).join(" ");
  const stale = length > staleFrom ? `, ${length - staleFrom} stale` : "";
  const others = [
    ...(histograms.length > 0 ? [`, ${histograms.length} histograms`] : []),
    ...(exemplars.length > 0 ? [`, ${exemplars.length} exemplars`] : []),
  ].join("");
  return `${target} ${Math.min(staleFrom, length)} samples${others}${stale}\n`;
}

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** As in the text format; a name outside of the classic letters stands in quotes between the braces (Prometheus 3). */
function renderSeries(labels: Labels): string {
  const metric = labelValue(labels, "__name__");
  const isPlain = plainName.test(metric);
  const inBraces = renderLabels(labels, isPlain || metric === "" ? [] : [quote(metric)]);
  return isPlain ? metric + inBraces : inBraces;
}

/** Between braces, with `first` in front; nothing where there is nothing. */
function renderLabels(labels: Labels, first: readonly string[] = []): string {
  const pairs = [...first];
  for (let at = 0; at < labels.length; at += 2) {
    const [name = "", value = ""] = labels.slice(at, at + 2);
    if (name !== "__name__") pairs.push(`${plainName.test(name) ? name : quote(name)}=${quote(value)}`);
  }
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`;
}
