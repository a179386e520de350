import type { Reasons } from "../draft.ts";

const rules = "Sonde evaluates no rules; leave them to the server that the samples are sent to";

/** Top-level keys of prometheus.yml beside those that are converted. */
export const topLevelReasons: Reasons = {
  rule_files: ["error", rules],
  alerting: ["error", rules],
  remote_read: ["error", "Sonde answers no queries"],
  storage: ["note", "samples wait in the queue of prometheus.remote_write, which has bounds of its own"],
  tracing: ["note", "Sonde sends no traces of its own"],
  otlp: ["error", "Sonde takes no OTLP"],
  runtime: ["note", "there is no Go runtime to set up"],
};

/** Keys of `global` that are no defaults of jobs. */
export const globalReasons: Reasons = {
  evaluation_interval: ["note", "Sonde evaluates no rules"],
  rule_query_offset: ["note", "Sonde evaluates no rules"],
  query_log_file: ["note", "Sonde answers no queries"],
};

/** Fields of jobs, discoveries and remote_write. */
export const fieldReasons: Reasons = {
  enable_http2: ["note", "HTTP/1.1 is spoken, which every server understands"],
  round_robin_dns: ["note", "connections are renewed every few minutes, and follow DNS then"],
  capacity: ["note", "the queue is on disk and bounded by max_bytes"],
  min_shards: ["note", "the number of shards is fixed"],
  sample_age_limit: ["error", "say in max_age how long samples may wait"],
  retry_on_http_429: ["note", "429 is always tried again, after what Retry-After says"],
  google_iam: ["error", "there is no authentication by Google IAM"],
  namespace_selector: ["error", "namespaces are named, not selected"],
};
