import { z } from "zod";
import type { HttpClientOptions } from "../../lib/http-client.ts";
import type { HttpHeaders } from "../../lib/http-credentials.ts";
import { version } from "../../lib/version.ts";
import { secret } from "../fields.ts";
import { type Issues, issue, refuseBoth } from "./field-checks.ts";
import { file, type PathAt, pathsBeside } from "./file.ts";
import { given } from "./given.ts";
import { oauth2, oauth2Options } from "./http-oauth2.ts";
import { checkProxy, proxyFields, proxyOptions } from "./http-proxy.ts";
import { tlsConfig, tlsOptions } from "./http-tls.ts";

const basicAuth = z
  .strictObject({
    username: z.string().optional().describe("The user's name."),
    username_file: file.optional().describe("File with the user's name."),
    password: secret.optional().describe("The password."),
    password_file: file.optional().describe("File with the password, read again for every request."),
  })
  .superRefine((auth, context) => {
    refuseBoth(auth, "username", "username_file", context);
    refuseBoth(auth, "password", "password_file", context);
  });

const authorization = z
  .strictObject({
    type: z
      .string()
      .trim()
      .refine((type) => type.toLowerCase() !== "basic", "use basic_auth for the type Basic")
      .prefault("Bearer")
      .describe("Word in front of the credentials."),
    credentials: secret.optional().describe("The credentials."),
    credentials_file: file.optional().describe("File with the credentials, read again for every request."),
  })
  .superRefine((auth, context) => refuseBoth(auth, "credentials", "credentials_file", context));

const header = z.strictObject({
  values: z.array(z.string()).default([]).describe("Values to send."),
  secrets: z.array(secret).default([]).describe("Values to send that are never shown."),
  files: z.array(file).default([]).describe("Files with a value each, read again for every request."),
});

/** The settings of an HTTP client as in prometheus.yml, to be spread into the object of whatever makes requests. */
export const httpClientFields = {
  basic_auth: basicAuth.optional().describe("User and password (HTTP basic authentication)."),
  authorization: authorization.optional().describe("Value of the `Authorization` header."),
  bearer_token: secret.optional().describe("Short for `authorization` with `credentials`."),
  bearer_token_file: file.optional().describe("Short for `authorization` with `credentials_file`."),
  oauth2: oauth2.optional().describe("Tokens by OAuth 2.0's client credentials grant."),
  tls_config: tlsConfig.optional().describe("Certificates and versions of TLS."),
  ...proxyFields,
  http_headers: z
    .record(z.string(), header)
    .optional()
    .describe("Further headers by name; a header with several values is sent several times."),
  follow_redirects: z.boolean().default(true).describe("Whether a redirect is followed or is itself the answer."),
};

const fields = z.strictObject(httpClientFields);

/** For `.superRefine` of the object that spreads `httpClientFields`: what no field can check alone. */
export function checkHttpClient(config: z.output<typeof fields>, context: Issues): void {
  const [first, ...others] = authMethods.filter((name) => config[name] !== undefined);
  for (const name of others) issue(context, name, `only one way to authenticate: ${first} is set already`);
  checkProxy(config, context);
  for (const name of Object.keys(config.http_headers ?? {})) {
    const message = headerMistake(name);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["http_headers", name], message });
  }
}

/** Why a user may not set this header; undefined when they may. */
export function headerMistake(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `"${name}" is not a header name`;
  if (!reservedHeader.test(name)) return undefined;
  return /^authorization$/i.test(name)
    ? "use basic_auth, authorization or oauth2 for credentials"
    : `${name} is set by the client itself`;
}

/** What the config says, complete; relative paths start at the folder of the config file. */
export function httpClientOptions(config: z.output<typeof fields>, configDir: string): HttpClientOptions {
  const at = pathsBeside(configDir);
  const { basic_auth: basic, bearer_token, bearer_token_file, tls_config } = config;
  const auth =
    config.authorization ??
    ((bearer_token ?? bearer_token_file) === undefined
      ? undefined
      : { type: "Bearer", credentials: bearer_token, credentials_file: bearer_token_file });
  return {
    followRedirects: config.follow_redirects,
    userAgent: `sonde/${version}`,
    ...given({
      basicAuth:
        basic &&
        given({
          username: basic.username,
          usernameFile: at(basic.username_file),
          password: basic.password,
          passwordFile: at(basic.password_file),
        }),
      authorization: auth && {
        type: auth.type,
        ...given({ credentials: auth.credentials, credentialsFile: at(auth.credentials_file) }),
      },
      oauth2: config.oauth2 && oauth2Options(config.oauth2, at),
      tls: tls_config && tlsOptions(tls_config, at),
      proxy: proxyOptions(config),
      headers: config.http_headers && headersOf(config.http_headers, at),
    }),
  };
}

function headersOf(headers: Readonly<Record<string, z.output<typeof header>>>, at: PathAt): HttpHeaders {
  const entries = Object.entries(headers).map(([name, { values, secrets, files }]) => [
    name,
    [...values, ...secrets, ...files.map((path) => ({ file: at(path) ?? path }))],
  ]);
  return Object.fromEntries(entries);
}

const authMethods = ["basic_auth", "authorization", "bearer_token", "bearer_token_file", "oauth2"] as const;

/** The list of prometheus/common, config/headers.go: setting one of these would break the protocol. */
const reservedHeader =
  /^(authorization|host|content-encoding|content-length|content-type|user-agent|connection|keep-alive|proxy-authenticate|proxy-authorization|www-authenticate|accept-encoding|x-prometheus-remote-write-version|x-prometheus-remote-read-version|x-prometheus-scrape-timeout-seconds|x-amz-date|x-amz-security-token|x-amz-content-sha256)$/i;
