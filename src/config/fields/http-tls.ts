import { z } from "zod";
import { type TlsOptions, tlsVersions } from "../../lib/tls-source.ts";
import { secret } from "../fields.ts";
import { issue, refuseBoth } from "./field-checks.ts";
import { file, type PathAt } from "./file.ts";
import { given } from "./given.ts";

const tlsVersion = z.enum(tlsVersions);

export const tlsConfig = z
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

export function tlsOptions(tls: z.output<typeof tlsConfig>, at: PathAt): TlsOptions {
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
