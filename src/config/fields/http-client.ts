import { resolve } from "node:path";
import { z } from "zod";
import type { HttpClientOptions } from "../../lib/http-client.ts";
import type { HttpHeaders } from "../../lib/http-credentials.ts";
import { type TlsOptions, tlsVersions } from "../../lib/tls-source.ts";
import { version } from "../../lib/version.ts";
import { secret } from "../fields.ts";

const file = z.string().min(1, "a file name cannot be empty");

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

const tlsVersion = z.enum(tlsVersions);

const tlsConfig = z
  .strictObject({
    ca: z.string().optional().describe("Certificates (PEM) of the authorities to trust instead of the system's."),
    ca_file: file.optional().describe("File with the certificates of the authorities to trust."),
    cert: z.string().optional().describe("Certificate (PEM) to show to the server."),
    cert_file: file.optional().describe("File with the certificate to show to the server."),
    key: secret.optional().describe("Private key (PEM) of the certificate."),
    key_file: file.optional().describe("File with the private key of the certificate."),
    server_name: z
      .string()
      .min(1)
      .optional()
      .describe("Name that the server's certificate must carry, if not the URL's."),
    insecure_skip_verify: z.boolean().default(false).describe("Accepts any certificate. Anybody can then listen in."),
    min_version: tlsVersion.optional().describe("Oldest version of TLS to speak; TLS 1.2 if left out."),
    max_version: tlsVersion.optional().describe("Newest version of TLS to speak."),
  })
  .superRefine((tls, context) => {
    refuseBoth(tls, "ca", "ca_file", context);
    refuseBoth(tls, "cert", "cert_file", context);
    refuseBoth(tls, "key", "key_file", context);
    const hasCert = tls.cert !== undefined || tls.cert_file !== undefined;
    const hasKey = tls.key !== undefined || tls.key_file !== undefined;
    if (hasCert && !hasKey) issue(context, "cert_file", "a certificate needs its private key: set key_file");
    if (hasKey && !hasCert) issue(context, "key_file", "a private key needs its certificate: set cert_file");
  });

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
  tls_config: tlsConfig.optional().describe("Certificates and versions of TLS."),
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
    ? "use basic_auth or authorization for credentials"
    : `${name} is set by the client itself`;
}

/** What the config says, complete; relative paths start at the folder of the config file. */
export function httpClientOptions(config: z.output<typeof fields>, configDir: string): HttpClientOptions {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(configDir, path));
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
      tls: tls_config && tlsOptions(tls_config, at),
      headers: config.http_headers && headersOf(config.http_headers, configDir),
    }),
  };
}

type PathAt = (path: string | undefined) => string | undefined;

function tlsOptions(tls: z.output<typeof tlsConfig>, at: PathAt): TlsOptions {
  return given({
    ca: tls.ca,
    caFile: at(tls.ca_file),
    cert: tls.cert,
    certFile: at(tls.cert_file),
    key: tls.key,
    keyFile: at(tls.key_file),
    serverName: tls.server_name,
    insecureSkipVerify: tls.insecure_skip_verify,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
  });
}

function headersOf(headers: Readonly<Record<string, z.output<typeof header>>>, configDir: string): HttpHeaders {
  const entries = Object.entries(headers).map(([name, { values, secrets, files }]) => [
    name,
    [...values, ...secrets, ...files.map((path) => ({ file: resolve(configDir, path) }))],
  ]);
  return Object.fromEntries(entries);
}

const authMethods = ["basic_auth", "authorization", "bearer_token", "bearer_token_file"] as const;

/** The list of prometheus/common, config/headers.go: setting one of these would break the protocol. */
const reservedHeader =
  /^(authorization|host|content-encoding|content-length|content-type|user-agent|connection|keep-alive|proxy-authenticate|proxy-authorization|www-authenticate|accept-encoding|x-prometheus-remote-write-version|x-prometheus-remote-read-version|x-prometheus-scrape-timeout-seconds|x-amz-date|x-amz-security-token|x-amz-content-sha256)$/i;

interface Issues {
  addIssue(issue: { code: "custom"; path: (string | number)[]; message: string }): void;
}

function issue(context: Issues, field: string, message: string): void {
  context.addIssue({ code: "custom", path: [field], message });
}

function refuseBoth<Field extends string>(
  config: Readonly<Partial<Record<Field, unknown>>>,
  inline: Field,
  fromFile: Field,
  context: Issues,
): void {
  if (config[inline] === undefined || config[fromFile] === undefined) return;
  issue(context, fromFile, `set either ${inline} or ${fromFile}, not both`);
}

/** The object without the fields that are undefined. */
function given<T extends object>(object: T): Given<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Given<T>;
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };
