import { readFile } from "node:fs/promises";
import type { SecureContext } from "node:tls";
import { describeError } from "./errors.ts";
import { HttpError } from "./http-error.ts";
import type { Secret } from "./secret.ts";

export const tlsVersions = ["TLS10", "TLS11", "TLS12", "TLS13"] as const;
export type TlsVersion = (typeof tlsVersions)[number];

export interface TlsOptions {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  /** Name to ask for and to expect in the certificate, instead of the URL's. */
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

/** The certificates of one client. Files are read before every request: they change when certificates are renewed. */
export class TlsSource {
  readonly #options: TlsOptions;
  readonly #hasFiles: boolean;
  #pems: readonly (string | undefined)[] = [];
  #context: SecureContext | undefined;
  #loading: Promise<SecureContext> | undefined;

  constructor(options: TlsOptions) {
    this.#options = options;
    this.#hasFiles = [options.caFile, options.certFile, options.keyFile].some((file) => file !== undefined);
  }

  /** The same object for as long as the certificates are the same. */
  async load(): Promise<SecureContext> {
    if (this.#context !== undefined && !this.#hasFiles) return this.#context;
    // Requests that begin together share one look at the files, and one context.
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<SecureContext> {
    const { ca, caFile, cert, certFile, key, keyFile } = this.#options;
    const pems = await Promise.all([
      pemOf("ca_file", ca, caFile),
      pemOf("cert_file", cert, certFile),
      pemOf("key_file", key?.reveal(), keyFile),
    ]);
    if (this.#context !== undefined && this.#pems.every((pem, at) => pem === pems[at])) return this.#context;
    this.#context = await this.#createContext(pems);
    this.#pems = pems;
    return this.#context;
  }

  async #createContext([ca, cert, key]: readonly (string | undefined)[]): Promise<SecureContext> {
    const { minVersion, maxVersion } = this.#options;
    // Loaded late: an agent that speaks plain HTTP only does without OpenSSL's memory.
    const { createSecureContext } = await import("node:tls");
    try {
      return createSecureContext({
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(minVersion !== undefined && { minVersion: nodeTlsVersions[minVersion] }),
        ...(maxVersion !== undefined && { maxVersion: nodeTlsVersions[maxVersion] }),
      });
    } catch (error) {
      throw new HttpError(`cannot use the certificates of tls_config: ${describeError(error)}`);
    }
  }
}

export const nodeTlsVersions = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

async function pemOf(what: string, text: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return text;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new HttpError(`cannot read ${what}: ${describeError(error)}`);
  }
}
