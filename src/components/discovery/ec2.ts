import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { given } from "../../config/fields/given.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { positiveDuration, secret } from "../../config/fields.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";
import { HttpClient } from "../../lib/http-client.ts";
import { version } from "../../lib/version.ts";

const filter = z.strictObject({
  name: z.string().min(1).describe("Name of the filter, as DescribeInstances has it."),
  values: z.array(z.string()).min(1).describe("Values of which an instance has to have one."),
});

export const discoveryEc2 = defineComponent({
  type: "discovery.ec2",
  summary: "Finds the instances of AWS EC2.",
  description:
    "The options and labels are those of `ec2_sd_configs`. An instance is a target at its private address; one that is " +
    "stopped is a target too, and `__meta_ec2_instance_state` tells. Credentials are looked for as the AWS tools do: in the " +
    "config, the environment, a web identity, the shared files, the container, the instance (by version 2 of the metadata " +
    "service only). The permissions needed are `ec2:DescribeInstances` and, for `__meta_ec2_availability_zone_id`, " +
    "`ec2:DescribeAvailabilityZones`. A region that does not answer keeps its last good targets, the others go on.",
  emits: "targets",
  metrics: discoveryMetrics,
  config: z
    .strictObject({
      region: z
        .string()
        .min(1)
        .optional()
        .describe("Region to ask; if left out, that of the environment, the profile, or the instance itself."),
      regions: z.array(z.string().min(1)).min(1).optional().describe("Several regions, instead of `region`."),
      endpoint: z
        .string()
        .min(1)
        .optional()
        .describe("Address to ask instead of those of AWS; roles are asked for there too."),
      access_key: z.string().min(1).optional().describe("Access key, together with `secret_key`."),
      secret_key: secret.optional().describe("Secret of the access key."),
      profile: z.string().min(1).optional().describe("Profile in the shared files of AWS."),
      role_arn: z.string().min(1).optional().describe("Role to assume with the credentials that are found."),
      external_id: z.string().min(1).optional().describe("What the role's owner asks for when it is assumed."),
      port: z.int().min(0).max(65_535).default(80).describe("Port of every target."),
      filters: z.array(filter).default([]).describe("Filters that an instance has to satisfy, all of them."),
      ipv6_fallback: z
        .boolean()
        .default(false)
        .describe(
          "Whether an instance without a private IPv4 address is a target at its IPv6 address; Prometheus leaves it out.",
        ),
      refresh_interval: positiveDuration.prefault("60s").describe("Time between two look-ups."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine((config, context) => {
      if (config.region !== undefined && config.regions !== undefined) {
        issue(context, "regions", "set either region or regions, not both");
      }
      if ((config.access_key === undefined) !== (config.secret_key === undefined)) {
        const missing = config.access_key === undefined ? "access_key" : "secret_key";
        const present = missing === "access_key" ? "secret_key" : "access_key";
        issue(context, present, `${missing} belongs to it; without both, credentials are looked for elsewhere`);
      }
      if (config.external_id !== undefined && config.role_arn === undefined) {
        issue(context, "external_id", "is for a role; set role_arn too");
      }
      if (config.endpoint !== undefined && endpointUrl(config.endpoint) === null) {
        issue(context, "endpoint", "expected a URL such as https://ec2.eu-west-1.amazonaws.com");
      }
      checkHttpClient(config, context);
    }),
  example: `
discovery.ec2.fleet:
  regions: [eu-west-1, eu-central-1]
  port: 9100
  filters:
    - { name: "tag:env", values: [prod] }

discovery.relabel.fleet:
  targets: [discovery.ec2.fleet]
  rules:
    - { source_labels: [__meta_ec2_instance_state], regex: running, action: keep }
    - { source_labels: [__meta_ec2_instance_id], target_label: instance }

prometheus.scrape.fleet:
  targets: [discovery.relabel.fleet]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { clock, random } = context.world;
    const regions = config.regions ?? (config.region === undefined ? [] : [config.region]);
    const { port, filters, ipv6_fallback: ipv6Fallback } = config;
    const endpoint = config.endpoint === undefined ? undefined : endpointUrl(config.endpoint)?.href;
    const client = new HttpClient(httpClientOptions(config, context.configDir), { clock, random });
    // The metadata service is one hop away, and never behind a proxy.
    const localClient = new HttpClient({ followRedirects: false, userAgent: `sonde/${version}` }, { clock, random });
    const options = {
      regions,
      port,
      filters,
      ipv6Fallback,
      refreshIntervalMs: config.refresh_interval,
      random,
      ...given({
        endpoint,
        accessKey: config.access_key,
        secretKey: config.secret_key,
        profile: config.profile,
        roleArn: config.role_arn,
        externalId: config.external_id,
      }),
    };
    const load = async () => {
      const { Ec2Search } = await import("../../engines/discovery/ec2/ec2.ts");
      return new Ec2Search(options, {
        send: (request) => client.request(request),
        sendLocally: (request) => localClient.request(request),
        clock,
        env: process.env,
      });
    };
    const identity = [regions, endpoint, port, filters, ipv6Fallback, config.role_arn, config.profile];
    return runningDiscovery(load, { emptyGrace: config.empty_grace, identity }, context, [client, localClient]);
  },
});

/** AWS' own tools take a host name alone as well. */
function endpointUrl(endpoint: string): URL | null {
  const url = URL.parse(/^[a-z]+:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`);
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}
