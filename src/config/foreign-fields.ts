/** Why a field has no equal, by its name or by its path with dots: an `error` changes what is collected or where it goes. */
export type Reasons = Readonly<Record<string, readonly [severity: "error" | "note", why: string]>>;

/** Fields that jobs and components of Prometheus, promtail and Alloy have and Sonde's do not. */
export const foreignFields: Reasons = {
  // Prometheus'.
  enable_http2: ["note", "HTTP/1.1 is spoken, which every server understands"],
  convert_classic_histograms_to_nhcb: ["error", "classic histograms are sent as they are"],
  round_robin_dns: ["note", "connections are renewed every few minutes, and follow DNS then"],
  capacity: ["note", "the queue is on disk and bounded by max_bytes"],
  min_shards: ["note", "the number of shards is fixed"],
  sample_age_limit: ["error", "say in max_age how long samples may wait"],
  retry_on_http_429: ["note", "429 is always tried again, after what Retry-After says"],
  google_iam: ["error", "there is no authentication by Google IAM"],
  namespace_selector: ["error", "namespaces are named, not selected"],
  // Alloy's.
  enable_protobuf_negotiation: ["error", "say scrape_protocols: [PrometheusProto, …]"],
  honor_metadata: ["note", "metadata are sent as the target has them"],
  append_metadata: ["note", "metadata are passed on always"],
  start_timestamp_zero_ingestion: [
    "error",
    "start timestamps make no samples: say scrape_start_timestamps, and they are sent in 2.0",
  ],
  enable_type_and_unit_labels: ["error", "types and units make no labels"],
  "endpoints.queue_config": ["note", "the queue is on disk; its bounds are in the component's queue_config"],
  wal: ["note", "the queue is on disk; its bounds are in queue_config"],
  // Of logs.
  rfc3164_cisco_components: ["note", "what Cisco's devices put in front of a message is told by itself"],
  max_backoff_retries: ["note", "what is not delivered waits in the queue, within its bounds"],
  max_retries: ["note", "what is not delivered waits in the queue, within its bounds"],
  pipeline_name: ["note", "it changes nothing that is sent"],
  eventlogmessage: ["error", "events of Windows are not taken apart"],
  windowsevent: ["error", "events of Windows are not taken apart"],
  graceful_shutdown_timeout: ["note", "storage.shutdown_timeout is the time that the whole agent has"],
  rfc3164_default_to_current_year: ["note", "a time without a year is in the year that brings it closest to now"],
  grpc: ["error", "only HTTP is spoken"],
  initial_delay: ["note", "an archive that is still being written is read on when it has grown"],
};

/** The same for values of fields that there are, as `field: value`. */
export const foreignValues: Reasons = {
  "on_positions_file_error: skip": ["error", "no file is left unread; it is read from the beginning, or from the end"],
  "format: bz2": [
    "error",
    "gz, z and zst are unpacked; with others keep the newest rotated file as it is (delaycompress)",
  ],
};

/** What fields of others are called here; of several names the one that there is where the field stands. */
export const foreignNames: Readonly<Partial<Record<string, readonly string[]>>> = {
  // prometheus.yml's.
  relabel_configs: ["relabel_rules", "rules"],
  metric_relabel_configs: ["metric_relabel_rules"],
  // promtail's.
  __path__: ["paths"],
  __path_exclude__: ["exclude"],
  batchwait: ["batch_wait"],
  batchsize: ["batch_size"],
  timeout: ["remote_timeout"],
  min_period: ["min_backoff_period"],
  max_period: ["max_backoff_period"],
  labelallow: ["label_keep"],
  labeldrop: ["label_drop"],
  json: ["format_as_json"],
  listen_address: ["address"],
  listen_protocol: ["protocol"],
  // Alloy's.
  "metric.counter": ["counters"],
  "metric.gauge": ["gauges"],
  "metric.histogram": ["histograms"],
  http: ["listen_address"],
};
