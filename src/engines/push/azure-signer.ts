import { type AzureTokenOptions, AzureTokens } from "../../lib/azure/tokens.ts";
import type { RequestSigner, SignerSurroundings } from "./request-signer.ts";

/** Requests for a managed Prometheus of Azure Monitor. */
export function azureSigner(options: AzureTokenOptions, surroundings: SignerSurroundings): RequestSigner {
  const tokens = new AzureTokens(options, surroundings);
  return {
    headers: async ({ signal }) => ({ authorization: await tokens.authorization(signal) }),
    forget: () => tokens.forget(),
  };
}
