import { type Dashboard, figure, graph } from "./dashboard.ts";
import { logs } from "./logs.ts";

const disks = `instance=~"$instance", fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay"`;
const interfaces = `instance=~"$instance", device!~"lo|veth.*|br-.*|docker.*"`;

const host: Dashboard = {
  uid: "sonde-host",
  title: "Hosts",
  instancesOf: "node_uname_info",
  rows: [
    {
      title: "Overview",
      panels: [
        figure(
          "Up for",
          "s",
          `min(node_time_seconds{instance=~"$instance"} - node_boot_time_seconds{instance=~"$instance"})`,
        ),
        figure("CPUs", "none", `count(node_cpu_seconds_total{instance=~"$instance", mode="idle"})`),
        figure("Memory", "bytes", `sum(node_memory_MemTotal_bytes{instance=~"$instance"})`),
        figure(
          "Memory in use",
          "percentunit",
          `1 - sum(node_memory_MemAvailable_bytes{instance=~"$instance"}) / sum(node_memory_MemTotal_bytes{instance=~"$instance"})`,
        ),
        figure(
          "Fullest disk",
          "percentunit",
          `max(1 - node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes{${disks}})`,
        ),
        figure("Clock in step", "none", `min(node_timex_sync_status{instance=~"$instance"})`),
      ],
    },
    {
      title: "CPU and memory",
      panels: [
        graph("CPU busy", "percentunit", [
          `1 - avg by (instance) (rate(node_cpu_seconds_total{instance=~"$instance", mode="idle"}[$__rate_interval]))`,
          "{{instance}}",
        ]),
        graph("CPU by mode", "percentunit", [
          `avg by (mode) (rate(node_cpu_seconds_total{instance=~"$instance", mode!="idle"}[$__rate_interval]))`,
          "{{mode}}",
        ]),
        graph(
          "Load",
          "short",
          [`node_load1{instance=~"$instance"}`, "{{instance}} 1 m"],
          [`node_load15{instance=~"$instance"}`, "{{instance}} 15 m"],
        ),
        graph(
          "Memory",
          "bytes",
          [
            `node_memory_MemTotal_bytes{instance=~"$instance"} - node_memory_MemAvailable_bytes{instance=~"$instance"}`,
            "{{instance}} in use",
          ],
          [`node_memory_MemTotal_bytes{instance=~"$instance"}`, "{{instance}} in all"],
        ),
        graph(
          "Time lost to waiting",
          "percentunit",
          [
            `rate(node_pressure_cpu_waiting_seconds_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} CPU",
          ],
          [
            `rate(node_pressure_memory_waiting_seconds_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} memory",
          ],
          [
            `rate(node_pressure_io_waiting_seconds_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} disks",
          ],
        ),
        graph(
          "Pages from and to swap",
          "ops",
          [`rate(node_vmstat_pswpin{instance=~"$instance"}[$__rate_interval])`, "{{instance}} in"],
          [`rate(node_vmstat_pswpout{instance=~"$instance"}[$__rate_interval])`, "{{instance}} out"],
        ),
      ],
    },
    {
      title: "Disks",
      panels: [
        graph("Space in use", "percentunit", [
          `1 - node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes{${disks}}`,
          "{{instance}} {{mountpoint}}",
        ]),
        graph("Inodes in use", "percentunit", [
          `1 - node_filesystem_files_free{${disks}} / (node_filesystem_files{${disks}} > 0)`,
          "{{instance}} {{mountpoint}}",
        ]),
        graph("Read", "Bps", [
          `rate(node_disk_read_bytes_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
        graph("Written", "Bps", [
          `rate(node_disk_written_bytes_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
        graph("Busy", "percentunit", [
          `rate(node_disk_io_time_seconds_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
        graph("Operations", "ops", [
          `rate(node_disk_reads_completed_total{instance=~"$instance"}[$__rate_interval]) + rate(node_disk_writes_completed_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
      ],
    },
    {
      title: "Network",
      panels: [
        graph("Received", "Bps", [
          `rate(node_network_receive_bytes_total{${interfaces}}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
        graph("Sent", "Bps", [
          `rate(node_network_transmit_bytes_total{${interfaces}}[$__rate_interval])`,
          "{{instance}} {{device}}",
        ]),
        graph(
          "Errors and drops",
          "ops",
          [
            `rate(node_network_receive_errs_total{${interfaces}}[$__rate_interval]) + rate(node_network_receive_drop_total{${interfaces}}[$__rate_interval])`,
            "{{instance}} {{device}} in",
          ],
          [
            `rate(node_network_transmit_errs_total{${interfaces}}[$__rate_interval]) + rate(node_network_transmit_drop_total{${interfaces}}[$__rate_interval])`,
            "{{instance}} {{device}} out",
          ],
        ),
        graph(
          "TCP connections and segments sent again",
          "short",
          [`node_netstat_Tcp_CurrEstab{instance=~"$instance"}`, "{{instance}} connections"],
          [`rate(node_netstat_Tcp_RetransSegs{instance=~"$instance"}[$__rate_interval])`, "{{instance}} again"],
        ),
      ],
    },
  ],
};

const agent: Dashboard = {
  uid: "sonde-agent",
  title: "Sonde: scrapes and queues",
  instancesOf: "sonde_build_info",
  rows: [
    {
      title: "Overview",
      panels: [
        figure("Agents", "none", `count(sonde_build_info{instance=~"$instance"})`),
        figure("Unhealthy components", "none", `sum(sonde_component_health{instance=~"$instance", state="unhealthy"})`),
        figure(
          "Configs refused",
          "none",
          `count(sonde_config_last_reload_successful{instance=~"$instance"} == 0) or vector(0)`,
        ),
        figure(
          "Oldest backlog",
          "s",
          `max(sonde_prometheus_remote_write_oldest_block_age_seconds{instance=~"$instance"})`,
        ),
        figure("Backlog", "bytes", `sum(sonde_prometheus_remote_write_backlog_bytes{instance=~"$instance"})`),
        figure(
          "Targets down",
          "none",
          `sum(sonde_prometheus_scrape_targets{instance=~"$instance", state="down"}) or vector(0)`,
        ),
      ],
    },
    {
      title: "Scrapes",
      panels: [
        graph("Targets", "none", [
          `sum by (instance, state) (sonde_prometheus_scrape_targets{instance=~"$instance"})`,
          "{{instance}} {{state}}",
        ]),
        graph("Scrapes", "cps", [
          `rate(sonde_prometheus_scrape_scrapes_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{component_id}}",
        ]),
        graph("Samples from components", "cps", [
          `rate(sonde_component_sent_records_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{component_id}}",
        ]),
        graph("Scrapes that no receiver took", "cps", [
          `rate(sonde_prometheus_scrape_rejected_batches_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{component_id}}",
        ]),
      ],
    },
    {
      title: "Queues",
      panels: [
        graph("Age of the oldest undelivered samples", "s", [
          `sonde_prometheus_remote_write_oldest_block_age_seconds{instance=~"$instance"}`,
          "{{instance}} {{url}}",
        ]),
        graph("Waiting to be delivered", "bytes", [
          `sonde_prometheus_remote_write_backlog_bytes{instance=~"$instance"}`,
          "{{instance}} {{url}}",
        ]),
        graph("Samples sent", "cps", [
          `rate(prometheus_remote_storage_samples_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{url}}",
        ]),
        graph(
          "Samples lost, refused, or sent again",
          "cps",
          [
            `rate(prometheus_remote_storage_samples_dropped_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} {{url}} {{reason}}",
          ],
          [
            `rate(prometheus_remote_storage_samples_failed_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} {{url}} refused",
          ],
          [
            `rate(prometheus_remote_storage_samples_retried_total{instance=~"$instance"}[$__rate_interval])`,
            "{{instance}} {{url}} again",
          ],
        ),
        graph("Bytes sent", "Bps", [
          `rate(prometheus_remote_storage_bytes_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{url}}",
        ]),
        graph("Queue on disk", "bytes", [
          `sonde_prometheus_remote_write_queue_bytes{instance=~"$instance"}`,
          "{{instance}} {{component_id}}",
        ]),
      ],
    },
    {
      title: "The agent",
      panels: [
        graph("Resident memory", "bytes", [
          `process_resident_memory_bytes{job="integrations/self", instance=~"$instance"}`,
          "{{instance}}",
        ]),
        graph("CPU", "percentunit", [
          `rate(process_cpu_seconds_total{job="integrations/self", instance=~"$instance"}[$__rate_interval])`,
          "{{instance}}",
        ]),
        graph("Log lines", "cps", [
          `sum by (instance, level) (rate(sonde_log_events_total{instance=~"$instance"}[$__rate_interval]))`,
          "{{instance}} {{level}}",
        ]),
        graph("Reloads", "short", [
          `increase(sonde_config_reloads_total{instance=~"$instance"}[$__rate_interval])`,
          "{{instance}} {{result}}",
        ]),
      ],
    },
  ],
};

/** By the name of their file. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  "hosts.json": host,
  "sonde.json": agent,
  "logs.json": logs,
};
