import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { discoveryFields, discoveryMetrics } from "../../config/fields/discovery.ts";
import { issue } from "../../config/fields/field-checks.ts";
import { given } from "../../config/fields/given.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { positiveDuration, secret } from "../../config/fields.ts";
import { runningDiscovery } from "../../engines/discovery/running-discovery.ts";
import { azureCloud } from "../../lib/azure/clouds.ts";
import type { AzureTokenOptions } from "../../lib/azure/tokens.ts";
import { bug } from "../../lib/errors.ts";
import { HttpClient } from "../../lib/http-client.ts";
import type { Secret } from "../../lib/secret.ts";
import { version } from "../../lib/version.ts";

export const discoveryAzure = defineComponent({
  type: "discovery.azure",
  summary: "Finds the virtual machines of an Azure subscription, and those of its scale sets.",
  description:
    "The options and labels are those of `azure_sd_configs`. A machine is a target at the private address of its primary " +
    "network interface; one that is not allocated is none. The role `Reader` on the subscription or the resource group " +
    "is enough. What is known of network interfaces is kept for about five refreshes, because the requests to a " +
    "subscription are limited.",
  emits: "targets",
  metrics: discoveryMetrics,
  config: z
    .strictObject({
      environment: z
        .string()
        .default("AzurePublicCloud")
        .refine((name) => azureCloud(name) !== undefined, {
          error: "expected AzurePublicCloud, AzureChinaCloud or AzureUSGovernmentCloud",
        })
        .describe("Cloud: `AzurePublicCloud`, `AzureChinaCloud` or `AzureUSGovernmentCloud`."),
      authentication_method: z
        .enum(["OAuth", "ManagedIdentity", "SDK"])
        .default("OAuth")
        .describe(
          "`OAuth` is a client with a secret, `ManagedIdentity` the machine itself; `SDK` looks into the environment as " +
            "Azure's own tools do (`AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and `AZURE_CLIENT_SECRET` or " +
            "`AZURE_FEDERATED_TOKEN_FILE`), and else is the machine itself.",
        ),
      subscription_id: z.string().min(1).describe("Id of the subscription."),
      tenant_id: z.string().min(1).optional().describe("Id of the tenant; needed by `OAuth`."),
      client_id: z
        .string()
        .min(1)
        .optional()
        .describe("Id of the client; needed by `OAuth`, and by a machine with several identities."),
      client_secret: secret.optional().describe("Secret of the client; needed by `OAuth`."),
      resource_group: z.string().min(1).optional().describe("Resource group to look at; if left out, all."),
      port: z.int().min(0).max(65_535).default(80).describe("Port of every target."),
      refresh_interval: positiveDuration.prefault("5m").describe("Time between two look-ups."),
      ...discoveryFields,
      ...httpClientFields,
    })
    .superRefine((config, context) => {
      if (config.authentication_method === "OAuth") {
        for (const name of ["tenant_id", "client_id", "client_secret"] as const) {
          if (config[name] === undefined) issue(context, name, "is needed by the authentication method OAuth");
        }
      }
      checkHttpClient(config, context);
    }),
  example: `
discovery.azure.fleet:
  subscription_id: 11111111-1111-1111-1111-111111111111
  authentication_method: ManagedIdentity
  port: 9100

discovery.relabel.fleet:
  targets: [discovery.azure.fleet]
  rules:
    - { source_labels: [__meta_azure_machine_tag_env], regex: prod, action: keep }
    - { source_labels: [__meta_azure_machine_name], target_label: instance }

prometheus.scrape.fleet:
  targets: [discovery.relabel.fleet]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create(config, context) {
    const { clock, random } = context.world;
    const { env } = process;
    const cloud = azureCloud(config.environment);
    if (cloud === undefined) throw bug(`${config.environment} was checked`);
    const client = new HttpClient(httpClientOptions(config, context.configDir), { clock, random });
    // The metadata service is one hop away, and never behind a proxy.
    const localClient = new HttpClient({ followRedirects: false, userAgent: `sonde/${version}` }, { clock, random });
    const { subscription_id: subscriptionId, tenant_id: tenantId = "", port } = config;
    const wanted = { subscriptionId, tenantId, port, ...given({ resourceGroup: config.resource_group }) };
    const load = async () => {
      const { AzureSearch } = await import("../../engines/discovery/azure/azure.ts");
      const identity = identityOf(config);
      return new AzureSearch(
        { ...wanted, cloud, identity, refreshIntervalMs: config.refresh_interval, random },
        {
          send: (request) => client.request(request),
          sendLocally: (request) => localClient.request(request),
          clock,
          env,
        },
      );
    };
    const identity = [config.environment, wanted];
    return runningDiscovery(load, { emptyGrace: config.empty_grace, identity }, context, [client, localClient]);
  },
});

interface IdentityFields {
  readonly authentication_method: "OAuth" | "ManagedIdentity" | "SDK";
  readonly tenant_id?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: Secret | undefined;
}

function identityOf(config: IdentityFields): AzureTokenOptions["identity"] {
  const { tenant_id: tenantId, client_id: clientId, client_secret: clientSecret } = config;
  if (config.authentication_method === "SDK") return { kind: "environment" };
  if (config.authentication_method === "ManagedIdentity") return { kind: "managed", ...given({ clientId }) };
  if (tenantId === undefined || clientId === undefined || clientSecret === undefined) throw bug("OAuth was checked");
  return { kind: "secret", tenantId, clientId, clientSecret };
}
