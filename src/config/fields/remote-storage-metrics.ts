import { counter, gauge, histogram } from "../../component.ts";

const endpointLabels = ["remote_name", "url"] as const;

/**
 * The self-metrics of prometheus.remote_write, under Prometheus' own names where it has them: people have dashboards and
 * alerts on those.
 */
export const remoteStorageMetrics = {
  samples: counter(
    "prometheus_remote_storage_samples_total",
    "Samples sent to the endpoint, those sent again among them.",
    endpointLabels,
  ),
  failed: counter(
    "prometheus_remote_storage_samples_failed_total",
    "Samples that the endpoint rejected for good.",
    endpointLabels,
  ),
  retried: counter(
    "prometheus_remote_storage_samples_retried_total",
    "Samples whose sending failed, and which are sent again.",
    endpointLabels,
  ),
  dropped: counter(
    "prometheus_remote_storage_samples_dropped_total",
    "Samples that were never delivered, by reason: queue_full, too_old, damaged (cannot be read back), " +
      "disk_unavailable (the disk could not be written, and memory was full or the agent stopped) or dropped_series " +
      "(by write_relabel_rules); histograms and exemplars that a block takes along count here, too.",
    [...endpointLabels, "reason"],
  ),
  histograms: counter(
    "prometheus_remote_storage_histograms_total",
    "Native histograms sent to the endpoint, those sent again among them.",
    endpointLabels,
  ),
  histogramsFailed: counter(
    "prometheus_remote_storage_histograms_failed_total",
    "Native histograms that the endpoint rejected for good.",
    endpointLabels,
  ),
  histogramsRetried: counter(
    "prometheus_remote_storage_histograms_retried_total",
    "Native histograms whose sending failed, and which are sent again.",
    endpointLabels,
  ),
  histogramsDropped: counter(
    "prometheus_remote_storage_histograms_dropped_total",
    "Native histograms that were never sent, by reason: nhcb_in_rw1_not_supported (those with custom buckets need " +
      "io.prometheus.write.v2.Request).",
    [...endpointLabels, "reason"],
  ),
  exemplars: counter(
    "prometheus_remote_storage_exemplars_total",
    "Exemplars sent to the endpoint, those sent again among them.",
    endpointLabels,
  ),
  exemplarsFailed: counter(
    "prometheus_remote_storage_exemplars_failed_total",
    "Exemplars that the endpoint rejected for good.",
    endpointLabels,
  ),
  exemplarsRetried: counter(
    "prometheus_remote_storage_exemplars_retried_total",
    "Exemplars whose sending failed, and which are sent again.",
    endpointLabels,
  ),
  bytes: counter("prometheus_remote_storage_bytes_total", "Bytes sent, after compression.", endpointLabels),
  metadata: counter(
    "prometheus_remote_storage_metadata_total",
    "Metric families whose metadata were sent by themselves, in remote write 1.0.",
    endpointLabels,
  ),
  metadataFailed: counter(
    "prometheus_remote_storage_metadata_failed_total",
    "Metric families whose metadata the endpoint rejected for good.",
    endpointLabels,
  ),
  metadataRetried: counter(
    "prometheus_remote_storage_metadata_retried_total",
    "Metric families whose metadata could not be sent; they are sent again at the next interval.",
    endpointLabels,
  ),
  metadataBytes: counter(
    "prometheus_remote_storage_metadata_bytes_total",
    "Bytes of metadata sent, after compression.",
    endpointLabels,
  ),
  duration: histogram(
    "prometheus_remote_storage_sent_batch_duration_seconds",
    "Duration of the attempts to send.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300],
    endpointLabels,
  ),
  pending: gauge(
    "prometheus_remote_storage_samples_pending",
    "Samples, histograms and exemplars that wait to be delivered.",
    endpointLabels,
  ),
  highestSent: gauge(
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
    "Time of the newest sample that the endpoint took.",
    endpointLabels,
  ),
  samplesIn: counter("prometheus_remote_storage_samples_in_total", "Samples that were handed to the queue."),
  histogramsIn: counter("prometheus_remote_storage_histograms_in_total", "Native histograms handed to the queue."),
  exemplarsIn: counter("prometheus_remote_storage_exemplars_in_total", "Exemplars that were handed to the queue."),
  highestIn: gauge(
    "prometheus_remote_storage_highest_timestamp_in_seconds",
    "Time of the newest sample that was handed to the queue.",
  ),
  shards: gauge("prometheus_remote_storage_shards", "Requests that may be under way at a time.", endpointLabels),
  shardsMax: gauge("prometheus_remote_storage_shards_max", "The same: their number is fixed.", endpointLabels),
  shardsMin: gauge("prometheus_remote_storage_shards_min", "The same: their number is fixed.", endpointLabels),
  shardsDesired: gauge("prometheus_remote_storage_shards_desired", "The same: their number is fixed.", endpointLabels),
  maxSamplesPerSend: gauge("prometheus_remote_storage_max_samples_per_send", "Samples in one request.", endpointLabels),
  oldest: gauge("oldest_block_age_seconds", "How long the oldest undelivered samples have waited.", endpointLabels),
  backlogBytes: gauge("backlog_bytes", "Bytes that wait to be delivered, after compression.", endpointLabels),
  queueBytes: gauge("queue_bytes", "Size of the queue, on disk and in memory."),
  damaged: counter("queue_damaged_files_total", "Files of the queue in which damage was found; they are kept aside."),
  degraded: gauge("queue_degraded", "1 while the disk cannot be written and samples wait in memory only."),
};
