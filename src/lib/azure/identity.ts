import type { Environment } from "../proxy.ts";
import { Secret } from "../secret.ts";

/** Who asks for a token. */
export type AzureIdentity =
  | { readonly kind: "secret"; readonly tenantId: string; readonly clientId: string; readonly clientSecret: Secret }
  /** Somebody else (a kubelet, usually) vouches for the client, by a token in a file. */
  | { readonly kind: "federated"; readonly tenantId: string; readonly clientId: string; readonly tokenFile: string }
  /** The machine itself; `clientId` where it has several identities. */
  | { readonly kind: "managed"; readonly clientId?: string };

/** Whom the environment names; `tenantId` instead of the one that it names. */
export interface AzureEnvironmentIdentity {
  readonly kind: "environment";
  readonly tenantId?: string;
}

/** What the default credentials of Azure's SDKs find in the environment; else the machine itself. */
export function environmentIdentity(env: Environment, wantedTenantId?: string): AzureIdentity {
  const { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: tokenFile } = env;
  const tenantId = wantedTenantId ?? env.AZURE_TENANT_ID;
  if (tenantId && clientId && secret) return { kind: "secret", tenantId, clientId, clientSecret: new Secret(secret) };
  if (tenantId && clientId && tokenFile) return { kind: "federated", tenantId, clientId, tokenFile };
  return { kind: "managed", ...(clientId && { clientId }) };
}
