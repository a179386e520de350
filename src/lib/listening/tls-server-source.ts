import { readFile } from "node:fs/promises";
import { describeError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Secret } from "../secret.ts";
import type { TlsServerSettings } from "../tls-server.ts";
import { nodeTlsVersions, type TlsVersion } from "../tls-source.ts";

export interface TlsServerOptions {
  /** What the server shows. */
  readonly cert?: string;
  readonly certFile?: string;
  readonly key?: Secret;
  readonly keyFile?: string;
  /** Authorities, one of which must have signed the client's certificate; without any, clients need none. */
  readonly ca?: string;
  readonly caFile?: string;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

/** The certificates of one server. The files change when certificates are renewed. */
export class TlsServerSource {
  readonly #options: TlsServerOptions;
  readonly #log: Logger;
  #pems: readonly (string | undefined)[] = [];
  #settings: TlsServerSettings | undefined;
  #problem: string | undefined;

  constructor(options: TlsServerOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** The same object for as long as the certificates are the same. Throws an Error that says what is wrong with them. */
  async load(): Promise<TlsServerSettings> {
    const { cert, certFile, key, keyFile, ca, caFile } = this.#options;
    const pems = await Promise.all([
      pemOf("cert_file", cert, certFile),
      pemOf("key_file", key?.reveal(), keyFile),
      pemOf("ca_file", ca, caFile),
    ]);
    if (this.#settings !== undefined && this.#pems.every((pem, at) => pem === pems[at])) return this.#settings;
    this.#settings = await this.#create(pems);
    this.#pems = pems;
    return this.#settings;
  }

  /** The same, but undefined for certificates that cannot be used now, which the log says once. */
  async loadOrKeep(): Promise<TlsServerSettings | undefined> {
    try {
      const settings = await this.load();
      this.#problem = undefined;
      return settings;
    } catch (error) {
      const reason = describeError(error);
      if (reason !== this.#problem) this.#log.error("keeping the old certificates", { reason });
      this.#problem = reason;
      return undefined;
    }
  }

  async #create([cert, key, ca]: readonly (string | undefined)[]): Promise<TlsServerSettings> {
    const { minVersion, maxVersion } = this.#options;
    const secure = {
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(ca !== undefined && { ca }),
      ...(minVersion !== undefined && { minVersion: nodeTlsVersions[minVersion] }),
      ...(maxVersion !== undefined && { maxVersion: nodeTlsVersions[maxVersion] }),
    };
    // Loaded late: an agent that speaks no TLS does without OpenSSL's memory.
    const { createSecureContext } = await import("node:tls");
    try {
      createSecureContext(secure);
    } catch (error) {
      throw new Error(`cannot use the certificates of tls_config: ${describeError(error)}`);
    }
    const hasAuthorities = ca !== undefined;
    return { secure, requestCert: hasAuthorities, rejectUnauthorized: hasAuthorities, acceptsPeer: () => true };
  }
}

async function pemOf(what: string, text: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return text;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${what}: ${describeError(error)}`);
  }
}
