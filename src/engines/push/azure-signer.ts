import { type AzureTokenOptions, AzureTokens } from "../../lib/azure/monitor-tokens.ts";
import type { RequestSigner, SignerSurroundings } from "./request-signer.ts";

/** Requests for a managed Prometheus of Azure Monitor. */
export function azureSigner(options: AzureTokenOptions, surroundings: SignerSurroundings): RequestSigner {
  const tokens = new AzureTokens(options, surroundings);
  return {
    headers: async ({ signal }) => ({ authorization: `Bearer ${await tokens.get(signal)}` }),
    forget: () => tokens.forget(),
  };
}
