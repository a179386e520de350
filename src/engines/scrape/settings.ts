import type { NameEscapingScheme, ScrapeProtocol } from "../../formats/exposition/content-type.ts";
import type { MetricRelabeling } from "./metric-relabeling.ts";
import type { TargetRelabeling } from "./target-relabeling.ts";

/** The settings of a job, as in prometheus.yml. A limit of 0 is none. */
export interface ScrapeSettings {
  /** As configured. */
  readonly jobName: string | undefined;
  /** For targets without a job of any other origin. */
  readonly defaultJobName: string;
  readonly scheme: string;
  readonly metricsPath: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  /** Whether series with timestamps of their own end with a stale marker, too. */
  readonly trackTimestampsStaleness: boolean;
  readonly relabeling: TargetRelabeling;
  readonly metricRelabeling: MetricRelabeling;
  /** Whether the reports tell timeout, limit and body size, too. */
  readonly extraMetrics: boolean;

  /** The first is the one that is liked best. */
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  /** For answers whose Content-Type says nothing that can be read. */
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly nameValidationScheme: "utf8" | "legacy";
  readonly nameEscapingScheme: NameEscapingScheme;
  readonly onParseError: "fail" | "keep_valid";
  readonly enableCompression: boolean;
  readonly nativeHistograms: boolean;
  /** Whether the classic buckets of a histogram that is native as well, or is made to be, are read. */
  readonly classicHistograms: boolean;
  /** Whether classic histograms become native ones with custom buckets. */
  readonly convertClassicHistograms: boolean;
  /** Whether the times at which counting began are taken, and no samples are made of them. */
  readonly startTimestamps: boolean;
  /** More buckets than this are merged until they fit. */
  readonly nativeHistogramBucketLimit: number;
  /** Buckets that grow by less than this factor are merged. */
  readonly nativeHistogramMinBucketFactor: number;

  /** Bytes, uncompressed; a body of exactly this size is already too large. */
  readonly bodySizeLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  /** All labels of a series count, `__name__` and the target's too. */
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
}

/** Equal for settings that give a series the same labels. */
export function labelKey(settings: ScrapeSettings): string {
  const { honorLabels, metricRelabeling, nameValidationScheme } = settings;
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = settings;
  const limits = [labelLimit, labelNameLengthLimit, labelValueLengthLimit];
  return JSON.stringify([honorLabels, metricRelabeling.key, nameValidationScheme, limits]);
}
