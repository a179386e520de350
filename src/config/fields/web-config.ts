import { z } from "zod";
import { isBcryptHash } from "../../lib/bcrypt.ts";
import { parseGoDuration } from "../../lib/go-duration.ts";

/** A web config file of Prometheus' exporter-toolkit, key for key. What cannot be honoured is refused, not ignored. */

const tlsVersions = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

const tlsVersion = z.enum(["TLS10", "TLS11", "TLS12", "TLS13"]).transform((name) => tlsVersions[name]);

/** From Go's names to OpenSSL's. Those of TLS 1.3 may be named and are always on, with Go too. */
const cipherSuites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_AES_128_GCM_SHA256: "TLS_AES_128_GCM_SHA256",
  TLS_AES_256_GCM_SHA384: "TLS_AES_256_GCM_SHA384",
  TLS_CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
};

const curves: Readonly<Record<string, string>> = {
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
  X25519: "X25519",
};

const clientAuth = z
  .enum([
    "",
    "NoClientCert",
    "RequestClientCert",
    "RequireClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
  ])
  .transform((name) => {
    if (name === "") return "NoClientCert";
    return name === "RequireClientCert" ? "RequireAnyClientCert" : name;
  });

const tlsServerConfig = z
  .strictObject({
    cert_file: z.string().default(""),
    cert: z.string().default(""),
    key_file: z.string().default(""),
    key: z.string().default(""),
    client_ca_file: z.string().default(""),
    client_ca: z.string().default(""),
    client_auth_type: clientAuth.prefault(""),
    client_allowed_sans: z
      .array(z.string())
      .max(0, "is not supported here; let client_ca sign only the clients that may come in")
      .optional(),
    min_version: tlsVersion.prefault("TLS12"),
    max_version: tlsVersion.prefault("TLS13"),
    cipher_suites: named(cipherSuites, "a cipher suite in Go's spelling"),
    prefer_server_cipher_suites: z.literal(true, "cannot be turned off").optional(),
    curve_preferences: named(curves, "a curve"),
  })
  .superRefine((tls, context) => {
    for (const name of ["cert", "key", "client_ca"] as const) {
      if (tls[name] !== "" && tls[`${name}_file`] !== "")
        issue(context, name, `give ${name} or ${name}_file, not both`);
    }
    for (const name of ["cert", "key"] as const) {
      if (tls[name] === "" && tls[`${name}_file`] === "") issue(context, `${name}_file`, "is missing");
    }
    const hasCa = tls.client_ca !== "" || tls.client_ca_file !== "";
    const isVerified = /Verify/.test(tls.client_auth_type);
    if (hasCa && tls.client_auth_type === "NoClientCert") issue(context, "client_auth_type", "is missing");
    if (isVerified && !hasCa) issue(context, "client_ca_file", `is missing: ${tls.client_auth_type} needs it`);
  })
  .transform((tls) => ({
    cert: pem(tls.cert, tls.cert_file),
    key: pem(tls.key, tls.key_file),
    clientCa: tls.client_ca === "" && tls.client_ca_file === "" ? undefined : pem(tls.client_ca, tls.client_ca_file),
    clientAuth: tls.client_auth_type,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
    ciphers: tls.cipher_suites,
    curves: tls.curve_preferences,
  }));

const headers = z
  .strictObject({
    "Strict-Transport-Security": z.string().optional(),
    "X-Content-Type-Options": oneOf("nosniff").optional(),
    "X-Frame-Options": oneOf("deny", "sameorigin").optional(),
    "X-XSS-Protection": z.string().optional(),
    "Content-Security-Policy": z.string().optional(),
  })
  .transform(
    (all): Record<string, string> =>
      Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : []))),
  );

const usersField = z.record(
  z.string(),
  z.string().refine(isBcryptHash, 'is not a bcrypt hash; make one with `htpasswd -nBC 10 ""`'),
);

export const webConfig = z
  .strictObject({
    tls_server_config: tlsServerConfig.nullish(),
    http_server_config: z
      // HTTP/1.1 is served either way, which every client of HTTP/2 speaks too.
      .strictObject({ http2: z.boolean().optional(), headers: headers.nullish() })
      .nullish(),
    basic_auth_users: usersField.nullish(),
    rate_limit: z.strictObject({ interval: goDuration(), burst: z.int().min(0).default(0) }).nullish(),
  })
  .nullable()
  .transform((file) => ({
    tls: file?.tls_server_config ?? undefined,
    headers: file?.http_server_config?.headers ?? {},
    users: file?.basic_auth_users ?? {},
    rateLimit:
      file?.rate_limit && file.rate_limit.interval > 0
        ? {
            intervalMs: file.rate_limit.interval,
            burst: file.rate_limit.burst,
          }
        : undefined,
  }));

function pem(text: string, file: string): { text: string } | { file: string } {
  return file === "" ? { text } : { file };
}

/** A list of names that mean something to OpenSSL under another name. An empty list is none. */
function named(names: Readonly<Record<string, string>>, what: string) {
  return z
    .array(z.enum(Object.keys(names), `expected ${what}: ${Object.keys(names).join(", ")}`))
    .optional()
    .transform((list) => (list === undefined || list.length === 0 ? undefined : list.map((name) => names[name] ?? "")));
}

/** Upper and lower case are the same, and nothing at all is allowed, as upstream. */
function oneOf(...values: readonly string[]) {
  return z.string().refine((text) => text === "" || values.includes(text.toLowerCase()), {
    error: `expected ${values.join(" or ")}`,
  });
}

/** Go's durations, not Prometheus': `1.5s` and `100us` are some. Milliseconds after parsing. */
function goDuration() {
  return z
    .union([z.string(), z.literal(0)])
    .prefault(0)
    .transform((text, context) => {
      const ms = parseGoDuration(String(text));
      if (ms !== undefined) return ms;
      context.addIssue({ code: "custom", message: `"${text}" is not a duration; write 1s or 100ms` });
      return z.NEVER;
    });
}

function issue(context: z.RefinementCtx, key: string, message: string): void {
  context.addIssue({ code: "custom", path: [key], message });
}
