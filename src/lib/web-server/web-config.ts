/** A web config file of Prometheus' exporter-toolkit, understood. Texts are checked, files are not read yet. */
export interface WebConfig {
  readonly tls: TlsServerConfig | undefined;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** From user to bcrypt hash; without users nobody is asked. */
  readonly users: Readonly<Record<string, string>>;
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined;
}

export interface TlsServerConfig {
  readonly cert: Pem;
  readonly key: Pem;
  readonly clientCa: Pem | undefined;
  readonly clientAuth: ClientAuth;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's names; undefined is OpenSSL's own choice. */
  readonly ciphers: readonly string[] | undefined;
  readonly curves: readonly string[] | undefined;
}

/** In the file itself, or in another one. */
export type Pem = { readonly text: string } | { readonly file: string };

/** Names of Go's crypto/tls, as the file has them. */
export type ClientAuth =
  | "NoClientCert"
  | "RequestClientCert"
  | "RequireAnyClientCert"
  | "VerifyClientCertIfGiven"
  | "RequireAndVerifyClientCert";

type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** The file cannot be used. One line for the user. */
export class WebConfigError extends Error {}
