import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { given } from "../../config/fields/given.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { positiveDuration, secret } from "../../config/fields.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";
import { bug } from "../../lib/errors.ts";
import { HttpClient } from "../../lib/http-client.ts";
import type { Secret } from "../../lib/secret.ts";

export const discoveryConsul = defineComponent({
  type: "discovery.consul",
  summary: "Finds the services of a Consul catalogue.",
  description:
    "The options and labels are those of `consul_sd_configs`. Consul tells of changes by itself (blocking queries), and is " +
    "asked for the same thing at most once per `refresh_interval`. A service that cannot be asked for keeps its last good " +
    "targets, the others go on.",
  emits: "targets",
  metrics: discoveryMetrics,
  config: z
    .strictObject({
      server: z.string().trim().min(1).default("localhost:8500").describe("Host and port of the Consul API."),
      scheme: z.enum(["http", "https"]).default("http").describe("How to talk to it."),
      path_prefix: z.string().optional().describe("Path in front of the API's own, for one behind a gateway."),
      token: secret.optional().describe("Token of Consul's access control lists."),
      datacenter: z
        .string()
        .optional()
        .describe("Datacenter to ask for; if left out, that of the agent that is asked."),
      namespace: z.string().optional().describe("Namespace (Consul Enterprise)."),
      partition: z.string().optional().describe("Admin partition (Consul Enterprise)."),
      services: z
        .array(z.string().min(1))
        .default([])
        .describe("Names of services; if left out, all of the catalogue."),
      tags: z.array(z.string()).default([]).describe("Tags that an instance has to have, all of them."),
      node_meta: z.record(z.string(), z.string()).default({}).describe("Metadata that a node has to have, all of it."),
      filter: z.string().optional().describe("Expression that the services of the catalogue have to satisfy."),
      health_filter: z.string().optional().describe("Expression that the instances of a service have to satisfy."),
      tag_separator: z.string().default(",").describe("What stands between the tags in `__meta_consul_tags`."),
      allow_stale: z.boolean().default(true).describe("Whether a server may answer that is not the leader."),
      username: z.string().optional().describe("Short for `basic_auth` with `username`."),
      password: secret.optional().describe("Short for `basic_auth` with `password`."),
      refresh_interval: positiveDuration
        .prefault("30s")
        .describe("Shortest time between two queries for the same thing."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine((config, context) => {
      const hasUser = config.username !== undefined || config.password !== undefined;
      if (hasUser && config.basic_auth !== undefined) {
        issue(context, config.username === undefined ? "password" : "username", "basic_auth is set already");
      }
      if (config.token !== undefined && (config.authorization ?? config.oauth2) !== undefined) {
        issue(context, "token", "only one way to authenticate: authorization or oauth2 is set already");
      }
      if (serverUrl(config) === null) issue(context, "server", "expected host:port");
      checkHttpClient({ ...config, ...basicAuthOf(config) }, context);
    }),
  example: `
discovery.consul.services:
  server: localhost:8500
  tags: [metrics]

discovery.relabel.services:
  targets: [discovery.consul.services]
  rules:
    - { source_labels: [__meta_consul_service], target_label: job }
    - { source_labels: [__meta_consul_tags], regex: ".*,canary,.*", action: drop }

prometheus.scrape.services:
  targets: [discovery.relabel.services]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { clock, random } = context.world;
    const { services, tags, allow_stale: allowStale, node_meta: nodeMeta, tag_separator: tagSeparator } = config;
    const { datacenter, namespace, partition, filter } = config;
    const url = serverUrl(config);
    if (url === null) throw bug(`${config.server} was checked`);
    const wanted = {
      services,
      tags,
      nodeMeta,
      tagSeparator,
      ...given({ datacenter, namespace, partition, filter, healthFilter: config.health_filter }),
    };
    const clientConfig = { ...config, ...basicAuthOf(config) };
    const client = new HttpClient(httpClientOptions(clientConfig, context.configDir), { clock, random });
    const options = {
      url,
      ...wanted,
      allowStale,
      refreshIntervalMs: config.refresh_interval,
      ...given({ token: config.token }),
    };
    const load = async () => {
      const { ConsulSearch } = await import("../../engines/discovery/consul/consul.ts");
      return new ConsulSearch(options, (request) => client.request(request), clock);
    };
    const identity = [url.href, wanted];
    return runningDiscovery(load, { emptyGrace: config.empty_grace, identity }, context, [client]);
  },
});

interface ServerFields {
  readonly scheme: string;
  readonly server: string;
  readonly path_prefix?: string | undefined;
}

function serverUrl({ scheme, server, path_prefix: prefix = "" }: ServerFields): URL | null {
  const path = prefix.replaceAll(/^\/+|\/+$/g, "");
  const url = URL.parse(`${scheme}://${server}/${path}${path === "" ? "" : "/"}`);
  return url !== null && /^[^/?#@]+$/.test(server) ? url : null;
}

/** `username` and `password` as what they are short for. */
function basicAuthOf({ username, password }: { username?: string | undefined; password?: Secret | undefined }) {
  return username === undefined && password === undefined ? {} : { basic_auth: { username, password } };
}
