import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { positiveDuration } from "../../config/fields.ts";
import type { ProcessSearch } from "../../engines/discovery/process/process.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";
import type { TargetGroup } from "../../signals/targets.ts";

const detail = (label: string) => z.boolean().default(true).describe(`Whether a process gets \`${label}\`.`);

const discoverConfig = z.strictObject({
  exe: detail("__meta_process_exe"),
  cwd: detail("__meta_process_cwd"),
  commandline: detail("__meta_process_commandline"),
  uid: detail("__meta_process_uid"),
  username: detail("__meta_process_username"),
  cgroup_path: z.boolean().default(false).describe("Whether a process gets `__meta_cgroup_path`."),
  container_id: detail("__container_id__"),
});

export const discoveryProcess = defineComponent({
  type: "discovery.process",
  summary: "Finds the processes of this machine.",
  description:
    "The labels are those of Alloy's component of the same name; what Alloy calls `join` is `targets` here: a process in a " +
    "container gets the labels of the target with the same container (`__container_id__`, " +
    "`__meta_kubernetes_pod_container_id` or `__meta_docker_container_id`), and the targets are passed on besides. A process " +
    "has no `__address__`; relabel rules have to give it one before it can be scraped. Details of other users' processes " +
    "need the capability `CAP_SYS_PTRACE`, and processes whose details cannot be read are left out, as are threads of the " +
    "kernel. Names of users are those of `/etc/passwd`. Command lines can hold secrets: `commandline: false` leaves them out.",
  accepts: "targets",
  targetsOptional: true,
  emits: "targets",
  metrics: discoveryMetrics,
  config: z.strictObject({
    discover_config: discoverConfig.prefault({}).describe("What is found out about a process."),
    refresh_interval: positiveDuration.prefault("60s").describe("Time between two look-ups."),
    ...discoveryFields,
  }),
  example: `
discovery.docker.local:
  host: unix:///var/run/docker.sock

discovery.process.all:
  targets: [discovery.docker.local]
  discover_config: { cgroup_path: true }

discovery.relabel.apps:
  targets: [discovery.process.all]
  rules:
    - { source_labels: [__meta_process_exe], regex: /opt/apps/.*, action: keep }
    - { source_labels: [__meta_cgroup_path], regex: ".*/([^/]+)\\\\.service.*", target_label: unit }
    - { replacement: "localhost:8080", target_label: __address__ }

prometheus.scrape.apps:
  targets: [discovery.relabel.apps]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create({ discover_config: wanted, refresh_interval, empty_grace }, context) {
    const { exe, cwd, commandline, uid, username, cgroup_path: cgroupPath, container_id: containerId } = wanted;
    const details = { exe, cwd, commandline, uid, username, cgroupPath, containerId };
    let received: readonly TargetGroup[] = [];
    let search: ProcessSearch | undefined;
    const load = async () => {
      const { ProcessSearch } = await import("../../engines/discovery/process/process.ts");
      search = new ProcessSearch(details, { procfs: "/proc", passwd: "/etc/passwd" }, refresh_interval);
      search.join(received);
      return search;
    };
    const running = runningDiscovery(load, { emptyGrace: empty_grace, identity: details }, context);
    return {
      ...running,
      input: {
        async receive(groups) {
          received = groups;
          search?.join(groups);
        },
      },
    };
  },
});
