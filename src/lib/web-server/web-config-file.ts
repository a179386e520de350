import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { describeError } from "../errors.ts";
import type { TlsServerSettings } from "../tls-server.ts";
import { tlsSettings } from "./tls-settings.ts";
import { type Pem, type WebConfig, WebConfigError } from "./web-config.ts";

export interface LoadedWebConfig extends WebConfig {
  readonly tlsSettings: TlsServerSettings | undefined;
}

interface Snapshot {
  readonly text: string;
  readonly config: WebConfig;
  readonly pems: readonly (string | undefined)[];
  readonly loaded: LoadedWebConfig;
}

/**
 * The web config on disk, with the certificates it names. As upstream, it is read again for every request: users and
 * certificates change without a reload. The same value comes back as long as no byte has changed.
 */
export class WebConfigFile {
  readonly path: string;
  readonly #parse: (text: string) => WebConfig;
  #snapshot: Snapshot | undefined;
  #loading: Promise<LoadedWebConfig> | undefined;

  /** `parse` throws an Error whose message says what is wrong with the text. */
  constructor(path: string, parse: (text: string) => WebConfig) {
    this.path = path;
    this.#parse = parse;
  }

  /** Rejects with a WebConfigError when the file, or one that it names, cannot be used as it is now. */
  load(): Promise<LoadedWebConfig> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<LoadedWebConfig> {
    try {
      const text = await readFile(this.path, "utf8");
      const last = this.#snapshot;
      const config = text === last?.text ? last.config : this.#parse(text);
      const pems = await this.#readPems(config);
      if (config === last?.config && pems.every((pem, at) => pem === last.pems[at])) return last.loaded;
      const loaded = { ...config, tlsSettings: config.tls && (await tlsSettings(config.tls, pems)) };
      this.#snapshot = { text, config, pems, loaded };
      return loaded;
    } catch (error) {
      throw new WebConfigError(`cannot use web_config_file ${this.path}: ${describeError(error)}`);
    }
  }

  #readPems({ tls }: WebConfig): Promise<(string | undefined)[]> {
    return Promise.all([tls?.cert, tls?.key, tls?.clientCa].map((pem) => pem && this.#readPem(pem)));
  }

  /** Names of files are relative to the folder of the file that has them. */
  #readPem(pem: Pem): Promise<string> | string {
    return "text" in pem ? pem.text : readFile(resolve(dirname(this.path), pem.file), "utf8");
  }
}
