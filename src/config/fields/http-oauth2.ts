import { z } from "zod";
import type { OAuth2Options } from "../../lib/oauth2.ts";
import { httpUrl, secret } from "../fields.ts";
import { refuseBoth } from "./field-checks.ts";
import { file, type PathAt } from "./file.ts";
import { given } from "./given.ts";
import { checkProxy, proxyFields, proxyOptions } from "./http-proxy.ts";
import { tlsConfig, tlsOptions } from "./http-tls.ts";

/** These are made of the other fields; Go's oauth2 refuses them too. */
const ownParameters = ["scope", "client_id", "client_secret"];

export const oauth2 = z
  .strictObject({
    client_id: z.string().min(1, "a client needs an id").describe("Name of the client."),
    client_secret: secret.optional().describe("Secret of the client."),
    client_secret_file: file.optional().describe("File with the client's secret, read again for every request."),
    token_url: httpUrl.describe("URL to get tokens at."),
    scopes: z.array(z.string()).default([]).describe("Scopes to ask for."),
    endpoint_params: z
      .record(z.string(), z.string())
      .default({})
      .describe("Further parameters of the request for a token."),
    tls_config: tlsConfig.optional().describe("Certificates and versions of TLS, for `token_url`."),
    ...proxyFields,
  })
  .superRefine((config, context) => {
    refuseBoth(config, "client_secret", "client_secret_file", context);
    checkProxy(config, context);
    for (const name of ownParameters.filter((own) => own in config.endpoint_params)) {
      const field = name === "scope" ? "scopes" : name;
      context.addIssue({ code: "custom", path: ["endpoint_params", name], message: `use ${field} for this parameter` });
    }
  });

export function oauth2Options(config: z.output<typeof oauth2>, at: PathAt): OAuth2Options {
  return {
    clientId: config.client_id,
    tokenUrl: config.token_url,
    scopes: config.scopes,
    endpointParams: config.endpoint_params,
    ...given({
      clientSecret: config.client_secret,
      clientSecretFile: at(config.client_secret_file),
      tls: config.tls_config && tlsOptions(config.tls_config, at),
      proxy: proxyOptions(config),
    }),
  };
}
