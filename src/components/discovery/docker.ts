import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { dockerHost } from "../../config/fields/docker-host.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { positiveDuration } from "../../config/fields.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";
import { engineAddress } from "../../lib/docker-engine.ts";
import { bug } from "../../lib/errors.ts";
import { HttpClient } from "../../lib/http-client.ts";

const filter = z.strictObject({
  name: z
    .string()
    .min(1)
    .describe("Name of the filter, as the list of containers has it: `label`, `name`, `network`, …"),
  values: z.array(z.string()).min(1).describe("Values of which a container has to have one."),
});

export const discoveryDocker = defineComponent({
  type: "discovery.docker",
  summary: "Finds the running containers of a Docker Engine.",
  description:
    "The options and labels are those of `docker_sd_configs`. A container is a target for each TCP port that it exposes, " +
    "at its own address in its network; one without such a port is a target at `port`. Reading the socket of the engine " +
    "needs membership in its group, which is as good as root: give it to the agent only where this component is used.",
  emits: "targets",
  metrics: discoveryMetrics,
  config: z
    .strictObject({
      host: dockerHost,
      port: z.int().min(0).max(65_535).default(80).describe("Port of a container that exposes no TCP port."),
      host_networking_host: z
        .string()
        .default("localhost")
        .describe("Address of a container that uses the network of its host."),
      match_first_network: z
        .boolean()
        .default(true)
        .describe("Whether a container with several networks is a target in the first (by name) only."),
      filters: z.array(filter).default([]).describe("Filters that a container has to satisfy, all of them."),
      refresh_interval: positiveDuration.prefault("60s").describe("Time between two look-ups."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine(checkHttpClient),
  example: `
discovery.docker.local:
  host: unix:///var/run/docker.sock
  filters:
    - { name: label, values: [prometheus=true] }

discovery.relabel.containers:
  targets: [discovery.docker.local]
  rules:
    - { source_labels: [__meta_docker_container_name], regex: "/(.*)", target_label: container }

prometheus.scrape.containers:
  targets: [discovery.relabel.containers]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { clock, random } = context.world;
    const address = engineAddress(config.host, config.tls_config !== undefined);
    if (address === undefined) throw bug(`${config.host} was checked`);
    const { url, socketPath } = address;
    const client = new HttpClient(
      { ...httpClientOptions(config, context.configDir), ...(socketPath !== undefined && { socketPath }) },
      { clock, random },
    );
    const { port, host_networking_host: hostNetworkingHost, match_first_network: matchFirstNetwork, filters } = config;
    const places = { port, hostNetworkingHost, matchFirstNetwork, filters };
    const options = { ...places, url, refreshIntervalMs: config.refresh_interval };
    const load = async () => {
      const { DockerSearch } = await import("../../engines/discovery/docker/docker.ts");
      return new DockerSearch(options, (request) => client.request(request), clock);
    };
    const identity = [config.host, places];
    return runningDiscovery(load, { emptyGrace: config.empty_grace, identity }, context, [client]);
  },
});
