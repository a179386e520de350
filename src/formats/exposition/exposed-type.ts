import type { MetricType } from "../../signals/metric-family.ts";

/** What a TYPE line may say, the text format's words first and OpenMetrics' behind them. */
export type ExposedType = MetricType | "gaugehistogram" | "info" | "stateset" | "unknown";

export const exposedTypes: readonly ExposedType[] = [
  "untyped",
  "counter",
  "gauge",
  "histogram",
  "summary",
  "gaugehistogram",
  "info",
  "stateset",
  "unknown",
];

const openMetricsWords = new Set(["gaugehistogram", "info", "stateset", "unknown"]);

/** The type of this name in the text format. */
export function textType(word: string): ExposedType | undefined {
  return openMetricsWords.has(word) ? undefined : exposedTypes.find((type) => type === word);
}

/** The type of this name in OpenMetrics. */
export function openMetricsType(word: string): ExposedType | undefined {
  return word === "untyped" ? undefined : exposedTypes.find((type) => type === word);
}
