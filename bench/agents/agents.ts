import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "../../test/support/servers.ts";

/** What an agent under measurement is given. */
export interface Job {
  /** A folder of its own. */
  readonly dir: string;
  readonly targets: readonly string[];
  readonly intervalSeconds: number;
  readonly receiver: string;
  /** Where the agent keeps its data. */
  readonly storage: string;
}

export interface Agent {
  readonly name: string;
  /** The parent of the folder for its data; that of all others if left out. */
  readonly storageIn?: string;
  /** Writes the config, and returns the command. */
  prepare(job: Job): Promise<{ command: string; args: readonly string[] }>;
}

const root = join(import.meta.dirname, "../..");

/** The same for everyone: relabeling of targets aside, what a job usually has. Nothing matches the first rule. */
const rules = [
  '{ source_labels: [__name__], regex: "go_memstats_.*", action: drop }',
  '{ source_labels: [handler], regex: "/api/v1/(.*)", target_label: handler, replacement: "/api/v1/$1" }',
];

export const agents: readonly Agent[] = [
  sonde("sonde"),
  {
    name: "vmagent",
    async prepare(job) {
      const args = [
        `-promscrape.config=${prometheusYml(job, "")}`,
        `-remoteWrite.url=${job.receiver}`,
        "-remoteWrite.forcePromProto",
        `-remoteWrite.tmpDataPath=${job.storage}`,
        "-httpListenAddr=127.0.0.1:0",
      ];
      return { command: await programPath("vmagent"), args };
    },
  },
  {
    name: "Prometheus agent",
    async prepare(job) {
      const args = [
        "--agent",
        `--config.file=${prometheusYml(job, `remote_write: [{ url: "${job.receiver}", metadata_config: { send: false } }]`)}`,
        `--storage.agent.path=${job.storage}`,
        "--web.listen-address=127.0.0.1:0",
      ];
      return { command: await programPath("prometheus"), args };
    },
  },
];

/** Sonde alone, by what its queue promises of a power cut; of the first nothing reaches a disk. */
export const sondeByDurability: readonly Agent[] = [
  { ...sonde("queue in memory (/dev/shm)", "os"), storageIn: "/dev/shm" },
  sonde("sync: os", "os"),
  sonde("sync: interval", "interval"),
  sonde("sync: always", "always"),
];

function sonde(name: string, sync = "interval"): Agent {
  return {
    name,
    async prepare({ dir, storage, targets, intervalSeconds, receiver }) {
      const config = join(dir, "sonde.yaml");
      writeFileSync(
        config,
        `prometheus.scrape.app:
  job_name: app
  scrape_interval: ${intervalSeconds}s
  scrape_timeout: ${intervalSeconds}s
  static_configs: [{ targets: ${JSON.stringify(targets)} }]
  metric_relabel_rules: [${rules.join(", ")}]
  forward_to: [prometheus.remote_write.sink]
prometheus.remote_write.sink:
  endpoints: [{ url: "${receiver}" }]
  queue_config: { sync: ${sync} }
`,
      );
      const listen = process.env.BENCH_HTTP ?? "127.0.0.1:0";
      const args = ["run", config, "--storage.path", storage, "--http.listen-address", listen];
      return { command: process.env.BENCH_SONDE ?? join(root, "bin/sonde"), args };
    },
  };
}

function prometheusYml({ dir, targets, intervalSeconds }: Job, remoteWrite: string): string {
  const path = join(dir, "prometheus.yml");
  writeFileSync(
    path,
    `scrape_configs:
  - job_name: app
    scrape_interval: ${intervalSeconds}s
    scrape_timeout: ${intervalSeconds}s
    static_configs: [{ targets: ${JSON.stringify(targets)} }]
    metric_relabel_configs: [${rules.join(", ")}]
${remoteWrite}
`,
  );
  return path;
}
