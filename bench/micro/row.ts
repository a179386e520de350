/** What one stage of a sample's path costs. */
export interface BenchRow {
  readonly stage: string;
  readonly nsPerSample: number;
  readonly note?: string;
}
