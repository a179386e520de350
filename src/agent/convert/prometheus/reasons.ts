import type { Reasons } from "../../../config/foreign-fields.ts";

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
