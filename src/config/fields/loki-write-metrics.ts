import { counter, gauge, histogram } from "../../component.ts";

const endpointLabels = ["endpoint", "host"] as const;
const tenantLabels = [...endpointLabels, "tenant"] as const;

/** The self-metrics of loki.write, under the names of promtail and Alloy where they have them. */
export const lokiWriteMetrics = {
  sentEntries: counter("loki_write_sent_entries_total", "Entries that the endpoint took.", tenantLabels),
  sentBytes: counter("loki_write_sent_bytes_total", "Bytes that the endpoint took, after compression.", tenantLabels),
  dropped: counter(
    "loki_write_dropped_entries_total",
    "Entries that were never delivered, by reason: ingester_error (the endpoint refused them), rate_limited (with " +
      "retry_on_http_429: false), too_old (max_age), damaged (cannot be read back), line_too_long (32 MiB) or " +
      "invalid_tenant (it does not fit into a header). The tenant is empty where it is not known.",
    [...tenantLabels, "reason"],
  ),
  retries: counter("loki_write_batch_retries_total", "Requests that failed, and are sent again.", tenantLabels),
  duration: histogram(
    "loki_write_request_duration_seconds",
    "Duration of the attempts to send, by the status of the answer; -1 where there was none.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    [...endpointLabels, "status_code"],
  ),
  pending: gauge("pending_entries", "Entries that wait to be delivered.", endpointLabels),
  oldest: gauge("oldest_block_age_seconds", "How long the oldest undelivered entries have waited.", endpointLabels),
  backlogBytes: gauge("backlog_bytes", "Bytes that wait to be delivered, after compression.", endpointLabels),
  queueBytes: gauge("queue_bytes", "Size of the queue, on disk and in memory."),
  waiting: gauge("queue_waiting_requests", "Requests that the queue has no room for, and whose senders wait."),
  damaged: counter("queue_damaged_files_total", "Files of the queue in which damage was found; they are kept aside."),
  degraded: gauge("queue_degraded", "1 while the disk cannot be written."),
};
