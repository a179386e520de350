import { type Dashboard, figure, graph, logGraph, logLines } from "./dashboard.ts";

const chosen = `instance=~"$instance"`;
const rate = (metric: string, more = "") => `rate(${metric}{${chosen}${more}}[$__rate_interval])`;

export const logs: Dashboard = {
  uid: "sonde-logs",
  title: "Sonde: logs",
  instancesOf: "sonde_loki_write_queue_bytes",
  rows: [
    {
      title: "Overview",
      panels: [
        figure("Entries sent", "cps", `sum(${rate("loki_write_sent_entries_total")})`),
        figure(
          "Entries lost in a day",
          "none",
          `sum(increase(loki_write_dropped_entries_total{${chosen}}[1d])) or vector(0)`,
        ),
        figure("Oldest backlog", "s", `max(sonde_loki_write_oldest_block_age_seconds{${chosen}})`),
        figure("Backlog", "bytes", `sum(sonde_loki_write_backlog_bytes{${chosen}})`),
        figure("Senders that wait", "none", `sum(sonde_loki_write_queue_waiting_requests{${chosen}})`),
        figure(
          "Unhealthy sources",
          "none",
          `sum(sonde_component_health{${chosen}, component_id=~"loki[.]source[.].*", state="unhealthy"})`,
        ),
      ],
    },
    {
      title: "Delivery",
      panels: [
        graph("Entries sent", "cps", [
          `sum by (instance, endpoint) (${rate("loki_write_sent_entries_total")})`,
          "{{instance}} {{endpoint}}",
        ]),
        graph(
          "Entries lost, and requests sent again",
          "cps",
          [
            `sum by (instance, endpoint, reason) (${rate("loki_write_dropped_entries_total")})`,
            "{{instance}} {{endpoint}} {{reason}}",
          ],
          [
            `sum by (instance, endpoint) (${rate("loki_write_batch_retries_total")})`,
            "{{instance}} {{endpoint}} again",
          ],
        ),
        graph("Age of the oldest undelivered entries", "s", [
          `sonde_loki_write_oldest_block_age_seconds{${chosen}}`,
          "{{instance}} {{endpoint}}",
        ]),
        graph("Waiting to be delivered", "bytes", [
          `sonde_loki_write_backlog_bytes{${chosen}}`,
          "{{instance}} {{endpoint}}",
        ]),
        graph(
          "Duration of requests",
          "s",
          ...[0.5, 0.99].map(
            (quantile) =>
              [
                `histogram_quantile(${quantile}, sum by (instance, endpoint, le) (${rate("loki_write_request_duration_seconds_bucket")}))`,
                `{{instance}} {{endpoint}} ${100 * quantile} %`,
              ] as const,
          ),
        ),
        graph("Requests by answer", "cps", [
          `sum by (instance, endpoint, status_code) (${rate("loki_write_request_duration_seconds_count")})`,
          "{{instance}} {{endpoint}} {{status_code}}",
        ]),
        graph("Bytes sent", "Bps", [
          `sum by (instance, endpoint) (${rate("loki_write_sent_bytes_total")})`,
          "{{instance}} {{endpoint}}",
        ]),
        graph("Queue on disk", "bytes", [`sonde_loki_write_queue_bytes{${chosen}}`, "{{instance}} {{component_id}}"]),
      ],
    },
    {
      title: "Files",
      panels: [
        graph("Lines taken", "cps", [
          `sum by (instance, component_id) (${rate("loki_source_file_read_lines_total")})`,
          "{{instance}} {{component_id}}",
        ]),
        graph("Not read yet", "bytes", [
          `sum by (instance, component_id) (loki_source_file_file_bytes_total{${chosen}} - loki_source_file_read_bytes_total{${chosen}})`,
          "{{instance}} {{component_id}}",
        ]),
        graph("Files", "none", [`loki_source_file_files_active_total{${chosen}}`, "{{instance}} {{component_id}}"]),
        graph(
          "Lost, and failures that are tried again",
          "short",
          [`increase(loki_source_file_lost_bytes_total{${chosen}}[$__rate_interval])`, "{{instance}} bytes lost"],
          [`increase(loki_source_file_failures_total{${chosen}}[$__rate_interval])`, "{{instance}} failures"],
        ),
      ],
    },
    {
      title: "Other sources, and what is left out on purpose",
      panels: [
        graph(
          "Entries of the journal",
          "cps",
          [rate("loki_source_journal_target_lines_total"), "{{instance}} taken"],
          [rate("loki_source_journal_target_parsing_errors_total"), "{{instance}} {{error}}"],
        ),
        graph(
          "Messages of syslog",
          "cps",
          [rate("loki_source_syslog_entries_total"), "{{instance}} taken"],
          [rate("loki_source_syslog_parsing_errors_total"), "{{instance}} not readable"],
          [rate("sonde_loki_source_syslog_dropped_messages_total"), "{{instance}} {{reason}}"],
        ),
        graph("Connections of syslog", "none", [
          `sonde_loki_source_syslog_connections{${chosen}}`,
          "{{instance}} {{component_id}}",
        ]),
        graph("Lines that stages drop", "cps", [
          `sum by (instance, component_id, reason) (${rate("loki_process_dropped_lines_total")})`,
          "{{instance}} {{component_id}} {{reason}}",
        ]),
      ],
    },
    {
      title: "What arrived",
      panels: [
        logGraph("Lines", "cps", [`sum by (job) (rate($streams [$__auto]))`, "{{job}}"]),
        logGraph("Bytes", "Bps", [`sum by (job) (bytes_rate($streams [$__auto]))`, "{{job}}"]),
        logLines("Errors", '$streams |~ "(?i)\\\\b(error|fatal|panic|critical)\\\\b"'),
        logLines("All lines", "$streams"),
      ],
    },
  ],
};
