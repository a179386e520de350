import { foreignFields, type Reasons } from "../../../config/foreign-fields.ts";

/** How the arguments of a component are spelled in Sonde. What is not named here has the same name. */
export interface Mapping {
  readonly renamed?: Readonly<Record<string, string>>;
  /** Alloy's defaults where Sonde has others. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Blocks and attributes that have no equal. */
  readonly left?: Reasons;
}

/** Blocks that may come several times, and the list that they are in Sonde, in any component. */
export const listBlocks: Readonly<Record<string, string>> = {
  rule: "rules",
  filter: "filters",
  endpoint: "endpoints",
  listener: "listeners",
  selectors: "selectors",
  matcher: "matchers",
  write_relabel_config: "write_relabel_configs",
  "metric.counter": "counters",
  "metric.gauge": "gauges",
  "metric.histogram": "histograms",
};

/** Names of attributes in any block. */
export const renamedAnywhere: Readonly<Record<string, string>> = { ca_pem: "ca", cert_pem: "cert", key_pem: "key" };

const cache: Reasons = {
  max_cache_size: ["note", "a result is kept as long as its series"],
  cache_ttl: ["note", "a result is kept as long as its series"],
};

export const mappings: Readonly<Record<string, Mapping>> = {
  "discovery.azure": {},
  "discovery.consul": {},
  "discovery.dns": {},
  "discovery.docker": {},
  "discovery.ec2": {},
  "discovery.file": {},
  "discovery.http": {},
  "discovery.kubernetes": {},
  "discovery.process": {},
  "discovery.relabel": {},
  "local.file_match": {},
  "loki.echo": {},
  "loki.process": {},
  "loki.relabel": {},
  "loki.source.api": { defaults: { max_send_message_size: "100MiB" } },
  "loki.source.docker": {},
  "loki.source.file": {},
  "loki.source.journal": {},
  "loki.source.syslog": {},
  "loki.write": {},
  "prometheus.echo": {},
  "prometheus.exporter.process": {},
  "prometheus.exporter.self": {},
  "prometheus.exporter.unix": {
    left: {
      include_exporter_metrics: ["note", "prometheus.exporter.self has the agent's own metrics"],
      perf: ["error", "there is no collector perf"],
      netlink: ["note", "the values are the same with and without netlink"],
    },
  },
  "prometheus.receive_http": {},
  "prometheus.relabel": { left: cache },
  // Of its fields only those of the endpoints are looked at by the schema.
  "prometheus.remote_write": { left: { wal: foreignFields.wal ?? ["note", ""] } },
  "prometheus.scrape": {
    renamed: { scrape_fallback_protocol: "fallback_scrape_protocol" },
    defaults: {
      fallback_scrape_protocol: "PrometheusText0.0.4",
      metric_name_validation_scheme: "legacy",
    },
    left: { clustering: ["error", "say in clustering where the members are: etcd, members or dns"] },
  },
};

/** Blocks at the top that are no components. */
export const settingsLeft: Reasons = {
  tracing: ["note", "Sonde sends no traces of its own"],
  livedebugging: ["note", "the pages of the agent show what flows, always"],
  remotecfg: ["error", "there is no remote configuration"],
  "import.git": ["error", "only files are imported"],
  "import.http": ["error", "only files are imported"],
};
