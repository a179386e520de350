import { z } from "zod";
import type { TlsServerOptions } from "../../lib/listening/tls-server-source.ts";
import { tlsVersions } from "../../lib/tls-source.ts";
import { secret } from "../fields.ts";
import { issue, refuseBoth } from "./field-checks.ts";
import { file, type PathAt } from "./file.ts";
import { given } from "./given.ts";

const tlsVersion = z.enum(tlsVersions);

/** TLS of a port that Sonde listens on. */
export const listenerTlsConfig = z
  .strictObject({
    cert: z.string().optional().describe("Certificate (PEM) to show to clients."),
    cert_file: file.optional().describe("File with the certificate to show to clients; read again when it changes."),
    key: secret.optional().describe("Private key (PEM) of the certificate."),
    key_file: file.optional().describe("File with the private key of the certificate."),
    ca: z
      .string()
      .optional()
      .describe("Certificates (PEM) of authorities. With any, clients must show a certificate that one has signed."),
    ca_file: file.optional().describe("File with the certificates of the authorities."),
    min_version: tlsVersion.optional().describe("Oldest version of TLS to speak; TLS 1.2 if left out."),
    max_version: tlsVersion.optional().describe("Newest version of TLS to speak."),
  })
  .superRefine((tls, context) => {
    refuseBoth(tls, "cert", "cert_file", context);
    refuseBoth(tls, "key", "key_file", context);
    refuseBoth(tls, "ca", "ca_file", context);
    const hasCert = tls.cert !== undefined || tls.cert_file !== undefined;
    const hasKey = tls.key !== undefined || tls.key_file !== undefined;
    if (!hasCert) issue(context, "cert_file", "a server needs a certificate: set cert_file");
    if (!hasKey) issue(context, "key_file", "a server needs the private key of its certificate: set key_file");
  });

export function listenerTlsOptions(tls: z.output<typeof listenerTlsConfig>, at: PathAt): TlsServerOptions {
  return given({
    cert: tls.cert,
    certFile: at(tls.cert_file),
    key: tls.key,
    keyFile: at(tls.key_file),
    ca: tls.ca,
    caFile: at(tls.ca_file),
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
  });
}
