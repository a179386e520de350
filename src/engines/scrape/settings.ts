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
  readonly enableCompression: boolean;
  /** Bytes, uncompressed; a body of exactly this size is already too large. */
  readonly bodySizeLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  /** All labels of a series count, `__name__` and the target's too. */
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
}
