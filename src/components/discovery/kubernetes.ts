import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { file, pathsBeside } from "../../config/fields/file.ts";
import { given } from "../../config/fields/given.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { httpUrl, positiveDuration } from "../../config/fields.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";

const role = z.enum(["node", "pod", "service", "endpoints", "endpointslice", "ingress"]);

const selector = z.strictObject({
  role: role.describe("What is narrowed down: the role itself, or what it looks at besides."),
  label: z.string().optional().describe("Label selector: `app=web,env!=test`."),
  field: z.string().optional().describe("Field selector: `spec.nodeName=node-1`."),
});

export const discoveryKubernetes = defineComponent({
  type: "discovery.kubernetes",
  summary: "Finds the nodes, pods, services, endpoints or ingresses of a Kubernetes cluster.",
  description:
    "The options and labels are those of `kubernetes_sd_configs`. The API is watched, so a change is seen at once; a watch " +
    "that breaks off goes on where it stood. Without `api_server` and `kubeconfig_file` it is the cluster that the agent " +
    "runs in. The rights needed are `list` and `watch` on what the role looks at: `endpoints` and `endpointslice` look at " +
    "services and pods too, and `attach_metadata` at nodes. A kubeconfig whose user gets a token from a program is refused.",
  emits: "targets",
  metrics: discoveryMetrics,
  config: z
    .strictObject({
      role: role.describe("What to find."),
      api_server: httpUrl.optional().describe("Address of the API."),
      kubeconfig_file: file.optional().describe("File that says where the API is and how to authenticate."),
      namespaces: z
        .strictObject({
          own_namespace: z
            .boolean()
            .default(false)
            .describe("Whether the namespace that the agent runs in is one of them."),
          names: z.array(z.string().min(1)).default([]).describe("Names of namespaces."),
        })
        .prefault({})
        .describe("Namespaces to look at; if left out, all."),
      selectors: z.array(selector).default([]).describe("What narrows the objects down, at most one for each role."),
      attach_metadata: z
        .strictObject({
          node: z.boolean().default(false).describe("Whether what runs on a node gets the labels of the node."),
        })
        .prefault({})
        .describe("What is added to the targets."),
      refresh_interval: positiveDuration
        .prefault("30s")
        .describe("How long a list that is suddenly empty is doubted, for each of `empty_grace`."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine((config, context) => {
      const { api_server, kubeconfig_file, selectors } = config;
      if (api_server !== undefined && kubeconfig_file !== undefined) {
        issue(context, "kubeconfig_file", "set either api_server or kubeconfig_file, not both");
      }
      if (api_server !== undefined && config.namespaces.own_namespace) {
        issue(context, "namespaces", "own_namespace is for the cluster that the agent runs in, or for a kubeconfig");
      }
      for (const name of ownClientFields) {
        if (api_server === undefined && config[name] !== undefined) {
          issue(context, name, "is for api_server; a kubeconfig and the cluster itself bring their own");
        }
      }
      for (const [at, { role: selected }] of selectors.entries()) {
        const allowed = selectable[config.role];
        const message = allowed.includes(selected)
          ? selectors.findIndex((each) => each.role === selected) < at && `there is a selector for ${selected} already`
          : `the role ${config.role} looks at ${allowed.join(", ")} only`;
        if (message) context.addIssue({ code: "custom", path: ["selectors", at, "role"], message });
      }
      checkHttpClient(config, context);
    }),
  example: `
discovery.kubernetes.pods:
  role: pod
  kubeconfig_file: /etc/sonde/kubeconfig
  selectors:
    - { role: pod, field: "spec.nodeName=node-1" }

discovery.relabel.pods:
  targets: [discovery.kubernetes.pods]
  rules:
    - { source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: "true", action: keep }
    - { source_labels: [__meta_kubernetes_namespace], target_label: namespace }
    - { source_labels: [__meta_kubernetes_pod_name], target_label: pod }

prometheus.scrape.pods:
  targets: [discovery.relabel.pods]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { clock, random } = context.world;
    const { namespaces, selectors, attach_metadata } = config;
    const wanted = {
      role: config.role,
      namespaces: namespaces.names,
      ownNamespace: namespaces.own_namespace,
      selectors: Object.fromEntries(selectors.map(({ role: kind, label, field }) => [kind, given({ label, field })])),
      attachNode: attach_metadata.node,
      ...given({
        apiServer: config.api_server,
        kubeconfigFile: pathsBeside(context.configDir)(config.kubeconfig_file),
      }),
    };
    const options = {
      ...wanted,
      serviceAccountDir,
      client: httpClientOptions(config, context.configDir),
      refreshIntervalMs: config.refresh_interval,
      random,
    };
    const load = async () => {
      const { KubernetesSearch } = await import("../../engines/discovery/kubernetes/kubernetes.ts");
      return new KubernetesSearch(options, { clock, random, env: process.env });
    };
    return runningDiscovery(load, { emptyGrace: config.empty_grace, identity: wanted }, context);
  },
});

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

const selectable: Readonly<Record<z.output<typeof role>, readonly string[]>> = {
  node: ["node"],
  pod: ["pod"],
  service: ["service"],
  endpoints: ["endpoints", "service", "pod"],
  endpointslice: ["endpointslice", "service", "pod"],
  ingress: ["ingress"],
};

const ownClientFields = [
  "basic_auth",
  "authorization",
  "bearer_token",
  "bearer_token_file",
  "oauth2",
  "tls_config",
  "proxy_url",
] as const;
