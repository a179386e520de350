import type { Readable } from "node:stream";
import sendRequest from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";
import { type Credentials, credentialHeaders, type HttpHeaders } from "./http-credentials.ts";
import { HttpError, isConnectionLoss, readableError } from "./http-error.ts";
import { type TlsOptions, TlsSource } from "./tls-source.ts";

/** How to talk to a server, spelled like the HTTP client settings of prometheus.yml. */
export interface HttpClientOptions extends Credentials {
  readonly tls?: TlsOptions;
  /** On every request, besides those that the request brings along. */
  readonly headers?: HttpHeaders;
  readonly followRedirects: boolean;
  readonly userAgent: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The only limit on time: there is no other timeout. Its reason is what the request rejects with. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** The value of a header, its name in any case; values that are repeated stand behind one another with commas. */
  header(name: string): string | undefined;
  /** The whole body. Rejects with a BodyTooLargeError as soon as it is longer than `limit` bytes. */
  read(limit: number): Promise<Uint8Array>;
  chunks(): AsyncIterable<Uint8Array>;
  /** For a body of no interest. A short one is read, so that the connection can be used again. */
  discard(): Promise<void>;
}

export class BodyTooLargeError extends Error {}

const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** As long as Prometheus keeps them; a server that closes them earlier says so or is noticed. */
const idleMs = 300_000;

/** Go's dialer gives up at this point too; it also bounds the attempts that a caller has long abandoned. */
const connectTimeoutMs = 30_000;

const discardLimit = 64 * 1024;

/** HTTP/1.1 with kept-alive connections. What goes wrong becomes an HttpError of one line, without secrets. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #tls: TlsSource;
  #agent: Agent | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#tls = new TlsSource(options.tls ?? {});
  }

  /** Resolves with the answer's headers; any status is an answer. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    let url = request.url;
    for (let count = 0; ; count++) {
      const response = await this.#exchange(request, url);
      const target = this.#options.followRedirects ? redirectTarget(request.method, response, url) : undefined;
      if (target === undefined) return response;
      await response.discard();
      if (count === maxRedirects) throw new HttpError(`${request.url.host} redirects more than ${maxRedirects} times`);
      url = target;
    }
  }

  /** Ends the connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #exchange(request: HttpRequest, url: URL): Promise<HttpResponse> {
    const agent = await this.#agentFor(url);
    const headers = await this.#headers(request, url);
    const send = async () => {
      try {
        const response = await sendRequest.call(agent, {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers,
          body: request.body ?? null,
          signal: request.signal,
        });
        return { response };
      } catch (error) {
        return { error };
      }
    };
    let result = await send();
    // A server may close a kept connection at the very moment it is used again: that says nothing about the server.
    if (request.method === "GET" && isConnectionLoss(result.error) && !request.signal.aborted) result = await send();
    if (result.response === undefined) throw readableError(result.error, url, request.signal);
    const { statusCode, headers: answered, body } = result.response;
    return new Response(statusCode, answered, body, url, request.signal);
  }

  /** Credentials and the configured headers are for the configured server: a redirect elsewhere does not get them. */
  async #headers(request: HttpRequest, url: URL): Promise<Record<string, string[]>> {
    const headers: Record<string, string[]> = { "user-agent": [this.#options.userAgent] };
    const isHome = url.origin === request.url.origin;
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (isHome || name.toLowerCase() !== "authorization") headers[name.toLowerCase()] = [value];
    }
    if (!isHome) return headers;
    const { authorization, ...others } = await credentialHeaders(
      this.#options,
      this.#options.headers ?? {},
      request.url,
    );
    for (const [name, values] of Object.entries(others)) headers[name] = [...(headers[name] ?? []), ...values];
    if (authorization !== undefined) headers.authorization ??= authorization;
    return headers;
  }

  async #agentFor(url: URL): Promise<Agent> {
    const { context, changed } = url.protocol === "https:" ? await this.#tls.load() : { changed: false };
    if (this.#agent !== undefined && !changed) return this.#agent;
    // The requests under way end with the old certificates.
    this.#agent?.close().catch(() => {});
    const { serverName, insecureSkipVerify = false } = this.#options.tls ?? {};
    this.#agent = new Agent({
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connect: {
        timeout: connectTimeoutMs,
        rejectUnauthorized: !insecureSkipVerify,
        ...(serverName !== undefined && { servername: serverName }),
        ...(context !== undefined && { secureContext: context }),
      },
    });
    return this.#agent;
  }
}

/**
 * Where to go on; undefined when the response is the answer. A POST goes on as a POST only (307 and 308), and only at
 * the same origin: the body is for the place that was configured.
 */
function redirectTarget(method: HttpRequest["method"], response: HttpResponse, from: URL): URL | undefined {
  const location = response.header("location");
  if (!redirects.has(response.status) || location === undefined) return undefined;
  const url = URL.parse(location, from.href);
  if (method === "POST" && (response.status < 307 || url?.origin !== from.origin)) return undefined;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HttpError(`${from.host} redirects to something that is not an HTTP address`);
  }
  if (from.protocol === "https:" && url.protocol === "http:") {
    throw new HttpError(`${from.host} redirects from https to http at ${url.host}, which is refused`);
  }
  return url;
}

type Body = Readable & { dump(options: { limit: number }): Promise<void> };

class Response implements HttpResponse {
  readonly status: number;
  readonly #headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly #body: Body;
  readonly #url: URL;
  readonly #signal: AbortSignal;

  constructor(
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Body,
    url: URL,
    signal: AbortSignal,
  ) {
    this.status = status;
    this.#headers = headers;
    this.#body = body;
    this.#url = url;
    this.#signal = signal;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  async read(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.chunks()) {
      length += chunk.length;
      if (length > limit) throw new BodyTooLargeError(`the body of ${this.#url.host} is longer than ${limit} bytes`);
      chunks.push(chunk);
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* this.#body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw readableError(error, this.#url, this.#signal);
    }
  }

  async discard(): Promise<void> {
    await this.#body.dump({ limit: discardLimit });
  }
}
