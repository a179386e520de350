import type { Clock } from "./clock.ts";
import { basicAuthorization, fileOr, reveal } from "./http-credentials.ts";
import { HttpError } from "./http-error.ts";
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from "./http-message.ts";
import type { ProxyOptions } from "./proxy.ts";
import type { Secret } from "./secret.ts";
import type { TlsOptions } from "./tls-source.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** The client credentials grant (RFC 6749 section 4.4), spelled like `oauth2` of prometheus.yml. */
export interface OAuth2Options {
  readonly clientId: string;
  readonly clientSecret?: Secret;
  readonly clientSecretFile?: string;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  /** Further parameters of the request for a token; `grant_type` replaces the standard one. */
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions;
  readonly proxy?: ProxyOptions;
}

type Send = (request: HttpRequest) => Promise<HttpResponse>;

interface Token {
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  readonly secret: string;
  readonly until: number;
}

/** As in Go's oauth2: a token that is about to expire would do so on its way. */
const earlyMs = 10_000;

const timeoutMs = 30_000;
const answerLimit = 1024 * 1024;

/** A token that is got when one is needed, kept until it expires, and got once for all who wait for it. */
export class TokenSource {
  readonly #options: OAuth2Options;
  readonly #send: Send;
  readonly #clock: Clock;
  #token: Token | undefined;
  #asking: { readonly secret: string; readonly token: Promise<Token> } | undefined;
  /** How the server wants to know the client. Found out by the first request that succeeds. */
  #credentialsIn: "header" | "body" | undefined;

  constructor(options: OAuth2Options, send: Send, clock: Clock) {
    this.#options = options;
    this.#send = send;
    this.#clock = clock;
  }

  /** Rejects with an HttpError, or with the reason of the signal, which ends this call only. */
  async authorization(signal: AbortSignal): Promise<string> {
    const { clientSecret = "", clientSecretFile } = this.#options;
    const secret = await reveal(fileOr(clientSecretFile, clientSecret), "client_secret_file");
    const known = this.#token;
    if (known?.secret === secret && this.#clock.now() < known.until) return known.authorization;
    if (this.#asking?.secret !== secret) this.#asking = { secret, token: this.#ask(secret) };
    const { authorization } = await unlessAborted(this.#asking.token, signal);
    return authorization;
  }

  async #ask(secret: string): Promise<Token> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () =>
      timeout.abort(new HttpError(`no answer within ${timeoutMs / 1000}s`)),
    );
    try {
      const token = await this.#tokenOf(await this.#answer(secret, timeout.signal), secret);
      this.#token = token;
      return token;
    } catch (error) {
      throw error instanceof HttpError ? new HttpError(`cannot get a token for oauth2: ${error.message}`) : error;
    } finally {
      cancel();
      if (this.#asking?.secret === secret) this.#asking = undefined;
    }
  }

  /** RFC 6749 section 2.3.1 prefers the header; where a server refuses that, the credentials go into the body. */
  async #answer(secret: string, signal: AbortSignal): Promise<HttpResponse> {
    const places = this.#credentialsIn === undefined ? (["header", "body"] as const) : [this.#credentialsIn];
    let refusal = new HttpError("no answer");
    for (const place of places) {
      const response = await this.#send(this.#request(secret, place, signal));
      if (response.status >= 200 && response.status < 300) {
        this.#credentialsIn = place;
        return response;
      }
      refusal = new HttpError(await refusalOf(response));
    }
    throw refusal;
  }

  #request(secret: string, place: "header" | "body", signal: AbortSignal): HttpRequest {
    const { clientId, tokenUrl, scopes, endpointParams } = this.#options;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      ...endpointParams,
      ...(place === "body" && { client_id: clientId, ...(secret !== "" && { client_secret: secret }) }),
    });
    return {
      method: "POST",
      url: new URL(tokenUrl),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...(place === "header" && { authorization: basicAuthorization(formEncoded(clientId), formEncoded(secret)) }),
      },
      body: Buffer.from(form.toString()),
      signal,
    };
  }

  async #tokenOf(response: HttpResponse, secret: string): Promise<Token> {
    const fields = parse(await response.read(answerLimit).catch(shorter), response.header("content-type") ?? "");
    const { access_token: token, token_type: type, expires_in } = fields;
    if (typeof token !== "string" || token === "") throw new HttpError("the answer holds no access_token");
    const seconds = Number(expires_in ?? 0);
    const until = seconds > 0 ? this.#clock.now() + seconds * 1000 - earlyMs : Number.POSITIVE_INFINITY;
    return { authorization: `${schemeOf(type)} ${token}`, secret, until };
  }
}

/** Servers name the scheme in any case; the header has it as its registration spells it. */
function schemeOf(type: unknown): string {
  if (typeof type !== "string" || type === "") return "Bearer";
  return { bearer: "Bearer", basic: "Basic", mac: "MAC" }[type.toLowerCase()] ?? type;
}

function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

/** RFC 6749 has JSON; some servers answer with a form. */
function parse(body: Uint8Array, contentType: string): Readonly<Record<string, unknown>> {
  const text = Buffer.from(body).toString();
  if (/^(application\/x-www-form-urlencoded|text\/plain)\b/i.test(contentType)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new HttpError("the answer is not JSON");
}

/** Only the error's code (RFC 6749 section 5.2): the rest of such an answer may repeat what was sent. */
async function refusalOf(response: HttpResponse): Promise<string> {
  const status = `HTTP status ${response.status}`;
  try {
    const { error } = parse(await response.read(answerLimit), response.header("content-type") ?? "");
    if (typeof error === "string" && /^[\w.-]{1,64}$/.test(error)) return `${status}, ${error}`;
  } catch {}
  return status;
}

function shorter(error: unknown): never {
  throw error instanceof BodyTooLargeError ? new HttpError("the answer is too long") : error;
}
