import type { NativeHistogram } from "../../src/signals/native-histogram.ts";
import { nanBits, type SentSeries, staleBits } from "../reference/remote-write.ts";
import type { ReceivedRequest } from "./receiver.ts";

/** What arrived from the scrapes of one target, as sorted lines. */
export interface TargetRecord {
  /** By the ordinal of the scrape: everything with its timestamp, the reports among it. */
  readonly scrapes: readonly (readonly string[])[];
  /** What has another timestamp than any scrape. */
  readonly stamped: readonly string[];
}

/** The records of all targets by their label `case`. Samples older than `since` are left out. */
export function recordScrapes(requests: readonly ReceivedRequest[], since: number): Map<string, TargetRecord> {
  const samples = new Map<string, Sample[]>();
  for (const { series } of requests) {
    for (const one of series) {
      const target = labelOf(one, "case");
      const known = samples.get(target) ?? [];
      if (known.length === 0) samples.set(target, known);
      known.push(...samplesOf(one).filter(({ timestamp }) => timestamp >= since));
    }
  }
  return new Map([...samples].map(([target, all]) => [target, recordTarget(all)]));
}

/** How many scrapes of each target have begun to arrive. */
export function countScrapes(requests: readonly ReceivedRequest[]): Map<string, number> {
  const times = new Map<string, Set<number>>();
  for (const { series } of requests) {
    for (const one of series.filter((candidate) => labelOf(candidate, "__name__") === endOfScrape)) {
      const target = labelOf(one, "case");
      const known = times.get(target) ?? new Set();
      times.set(target, known);
      for (const { timestamp } of one.samples) known.add(timestamp);
    }
  }
  return new Map([...times].map(([target, known]) => [target, known.size]));
}

/** A report that no page of the corpus has. */
const endOfScrape = "scrape_series_added";

interface Sample {
  readonly name: string;
  readonly text: string;
  readonly timestamp: number;
}

function recordTarget(samples: readonly Sample[]): TargetRecord {
  const times = new Set(samples.filter(({ name }) => name === endOfScrape).map(({ timestamp }) => timestamp));
  const at = (time: number) => samples.filter(({ timestamp }) => timestamp === time).map(({ text }) => text);
  return {
    scrapes: [...times].toSorted((a, b) => a - b).map((time) => withoutRepeatedMarkers(at(time)).toSorted()),
    stamped: samples
      .filter(({ timestamp }) => !times.has(timestamp))
      .map(({ text, timestamp }) => `${text} @${timestamp}`)
      .toSorted(),
  };
}

/** See "two markers" in the accepted differences: a series that was spelled in two ways has ended once. */
function withoutRepeatedMarkers(lines: readonly string[]): string[] {
  return lines.filter((line, at) => !line.endsWith(" stale") || lines.indexOf(line) === at);
}

/** Exemplars stand behind a hash, as on a page. */
function samplesOf(series: SentSeries): Sample[] {
  const name = labelOf(series, "__name__");
  const text = describeLabels(series);
  return [
    ...series.samples.map(({ bits, timestamp }) => ({ name, text: `${text} ${describe(name, bits)}`, timestamp })),
    ...series.histograms.map(({ histogram, timestamp }) => ({
      name,
      text: `${text} ${describeHistogram(histogram)}`,
      timestamp,
    })),
    ...series.exemplars.map((exemplar) => ({
      name,
      text: `${text} # ${describeLabels(exemplar)} ${exemplar.value}`,
      timestamp: exemplar.timestamp,
    })),
  ];
}

function describeHistogram(histogram: NativeHistogram): string {
  return JSON.stringify(histogram, (_, value: unknown) =>
    typeof value === "bigint" || typeof value === "number" ? String(value) : value,
  );
}

/** In the order of the wire, which is part of what is compared. */
function describeLabels({ labels }: Pick<SentSeries, "labels">): string {
  return `{${labels.map(([name, value]) => `${JSON.stringify(name)}=${JSON.stringify(value)}`).join(",")}}`;
}

function describe(name: string, bits: bigint): string {
  if (bits === staleBits) return "stale";
  if (name === "scrape_duration_seconds") return "seconds";
  const value = new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0;
  if (Number.isNaN(value) && bits !== nanBits) return `NaN of the bits ${bits.toString(16)}`;
  // String() writes the negative zero, which Prometheus cannot send, as 0.
  return String(value);
}

function labelOf({ labels }: SentSeries, name: string): string {
  return labels.find(([label]) => label === name)?.[1] ?? "";
}
