import type { Clock } from "../../lib/clock.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http-message.ts";

/** Credentials that a request has to be given one by one, because they depend on it or expire. */
export interface RequestSigner {
  /** Headers to send besides those of the request. Rejects with one line for the user. */
  headers(request: HttpRequest): Promise<Readonly<Record<string, string>>>;
  /** The receiver did not accept them: the next request looks for others. */
  forget(): void;
}

/** What credentials are found in. */
export interface SignerSurroundings {
  /** To the services that give them, by proxy and certificates as configured. */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** To the metadata service of the machine, which is never behind a proxy. */
  readonly sendLocally: (request: HttpRequest) => Promise<HttpResponse>;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Made when the first request is to be sent: its code is loaded by those who need it. */
export type SignerFactory = (surroundings: SignerSurroundings) => Promise<RequestSigner>;

/** The signer of this factory; loaded once, and again if that has failed. */
export class LazySigner implements RequestSigner {
  readonly #factory: SignerFactory;
  readonly #surroundings: SignerSurroundings;
  #signer: Promise<RequestSigner> | undefined;
  #loaded: RequestSigner | undefined;

  constructor(factory: SignerFactory, surroundings: SignerSurroundings) {
    this.#factory = factory;
    this.#surroundings = surroundings;
  }

  async headers(request: HttpRequest): Promise<Readonly<Record<string, string>>> {
    this.#signer ??= this.#factory(this.#surroundings);
    try {
      this.#loaded = await this.#signer;
    } catch (error) {
      this.#signer = undefined;
      throw error;
    }
    return await this.#loaded.headers(request);
  }

  forget(): void {
    this.#loaded?.forget();
  }
}
