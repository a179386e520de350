/** Why a scrape failed, in the words that self-metrics use. */
export type FailureReason =
  | "unreachable"
  | "timeout"
  | "status"
  | "content"
  | "body_size_limit"
  | "sample_limit"
  | "label_limit"
  | "target_limit"
  | "labels"
  | "exporter";

/** The world's failure: the target is down for this scrape, and the message says why. */
export class ScrapeFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
