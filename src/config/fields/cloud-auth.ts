import { z } from "zod";
import { azureClouds } from "../../lib/azure/clouds.ts";
import type { AzureTokenOptions } from "../../lib/azure/tokens.ts";
import { secret } from "../fields.ts";
import { type Issues, issue } from "./field-checks.ts";
import { given } from "./given.ts";

const sigv4 = z
  .strictObject({
    region: z
      .string()
      .min(1)
      .optional()
      .describe("Region; that of the environment, the profile or the instance if left out."),
    access_key: z
      .string()
      .min(1)
      .optional()
      .describe("Id of the access key; if left out, what the machine has is used."),
    secret_key: secret.optional().describe("The access key's secret."),
    profile: z.string().min(1).optional().describe("Profile in the shared files of AWS."),
    role_arn: z.string().min(1).optional().describe("Role to assume with those credentials."),
    external_id: z.string().min(1).optional().describe("What the owner of the role asks for."),
    use_fips_sts_endpoint: z
      .boolean()
      .default(false)
      .describe("Whether the role is asked for at the endpoint with FIPS 140."),
    service_name: z.string().min(1).default("aps").describe("Service that the signature is for."),
  })
  .refine(
    ({ access_key, secret_key }) => (access_key === undefined) === (secret_key === undefined),
    "access_key and secret_key go together",
  );

const clientId = z.string().min(1).describe("Id of the client.");
const tenantId = z.string().min(1).describe("Id of the tenant.");

const azuread = z
  .strictObject({
    cloud: z.enum(["AzurePublic", "AzureGovernment", "AzureChina"]).default("AzurePublic").describe("Azure's cloud."),
    scope: z.string().min(1).optional().describe("Scope of the token; that of Azure Monitor if left out."),
    managed_identity: z
      .strictObject({ client_id: clientId.optional() })
      .optional()
      .describe("The identity of the machine, or one of several by its client."),
    oauth: z
      .strictObject({
        client_id: clientId,
        client_secret: secret.describe("The client's secret."),
        tenant_id: tenantId,
      })
      .optional()
      .describe("A registered application with a secret."),
    workload_identity: z
      .strictObject({
        client_id: clientId,
        tenant_id: tenantId,
        token_file_path: z
          .string()
          .min(1)
          .default("/var/run/secrets/azure/tokens/azure-identity-token")
          .describe("File with the federated token, read for every token."),
      })
      .optional()
      .describe("A registered application with a federated token."),
    sdk: z
      .strictObject({ tenant_id: tenantId.optional() })
      .optional()
      .describe("What the environment says: AZURE_CLIENT_ID and the others, or else the identity of the machine."),
  })
  .superRefine((auth, context) => {
    const [first, ...others] = identities.filter((name) => auth[name] !== undefined);
    if (first === undefined) context.addIssue({ code: "custom", message: `one of ${identities.join(", ")} is needed` });
    for (const name of others) issue(context, name, `only one identity: ${first} is set already`);
  });

const identities = ["managed_identity", "oauth", "workload_identity", "sdk"] as const;

/** Ways to authenticate that only push endpoints have, to be spread into them. */
export const cloudAuthFields = {
  sigv4: sigv4.optional().describe("Signs requests for Amazon's managed Prometheus (AWS Signature Version 4)."),
  azuread: azuread.optional().describe("Tokens of Azure AD (Microsoft Entra ID) for Azure Monitor."),
};

const otherMethods = ["basic_auth", "authorization", "bearer_token", "bearer_token_file", "oauth2", "sigv4"] as const;

/** Beside what checkHttpClient finds out. */
export function checkCloudAuth(
  config: { readonly [Name in (typeof otherMethods)[number] | "azuread"]?: unknown },
  context: Issues,
): void {
  for (const name of ["sigv4", "azuread"] as const) {
    if (config[name] === undefined) continue;
    const other = otherMethods.find((method) => method !== name && config[method] !== undefined);
    if (other !== undefined) issue(context, name, `only one way to authenticate: ${other} is set already`);
  }
}

/** In the terms of engines/push. */
export function sigV4Options(config: z.output<typeof sigv4>) {
  return {
    ...given({
      region: config.region,
      accessKey: config.access_key,
      secretKey: config.secret_key,
      profile: config.profile,
      roleArn: config.role_arn,
      externalId: config.external_id,
    }),
    useFipsStsEndpoint: config.use_fips_sts_endpoint,
    service: config.service_name,
  };
}

export function azureOptions({ cloud, scope, ...config }: z.output<typeof azuread>): AzureTokenOptions {
  const { login, monitorAudience: audience } = monitorClouds[cloud];
  return { identity: identityOf(config), login, audience, ...given({ scope }) };
}

/** By the names that Prometheus gives them here. */
const monitorClouds = {
  AzurePublic: azureClouds.public,
  AzureGovernment: azureClouds.government,
  AzureChina: azureClouds.china,
};

function identityOf({
  managed_identity: managed,
  oauth,
  workload_identity: workload,
  sdk,
}: Pick<z.output<typeof azuread>, (typeof identities)[number]>): AzureTokenOptions["identity"] {
  if (oauth !== undefined) {
    const { client_id: clientId, client_secret: clientSecret, tenant_id: tenantId } = oauth;
    return { kind: "secret", clientId, clientSecret, tenantId };
  }
  if (workload !== undefined) {
    const { client_id: clientId, tenant_id: tenantId, token_file_path: tokenFile } = workload;
    return { kind: "federated", clientId, tenantId, tokenFile };
  }
  if (sdk !== undefined) return { kind: "environment", ...given({ tenantId: sdk.tenant_id }) };
  return { kind: "managed", ...given({ clientId: managed?.client_id }) };
}
