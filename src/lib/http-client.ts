import { systemClock } from "./clock.ts";
import { HttpConnections, type HttpSurroundings } from "./http-connections.ts";
import { ConfiguredHeaders, type Credentials, type HttpHeaders, urlAuthorization } from "./http-credentials.ts";
import { HttpError, isConnectionLoss, readableError } from "./http-error.ts";
import type { HttpExchange } from "./http-exchange.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { type OAuth2Options, TokenSource } from "./oauth2.ts";
import type { ProxyOptions } from "./proxy.ts";
import type { TlsOptions } from "./tls-source.ts";

export type { HttpRequest, HttpResponse } from "./http-message.ts";

/** How to talk to a server, spelled like the HTTP client settings of prometheus.yml. */
export interface HttpClientOptions extends Credentials {
  /** Instead of the other credentials. */
  readonly oauth2?: OAuth2Options;
  readonly tls?: TlsOptions;
  readonly proxy?: ProxyOptions;
  /** A Unix socket that every request goes to, whatever the host of its URL. */
  readonly socketPath?: string;
  /** On every request, besides those that the request brings along. */
  readonly headers?: HttpHeaders;
  readonly followRedirects: boolean;
  readonly userAgent: string;
}

const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** HTTP/1.1 with kept-alive connections. What goes wrong becomes an HttpError of one line, without secrets. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #connections: HttpConnections;
  readonly #headers: ConfiguredHeaders;
  /** By URL: the lines of the headers that were last sent there. */
  readonly #known = new WeakMap<URL, { readonly headers: HttpRequest["headers"]; readonly lines: string }>();
  readonly #tokens: TokenSource | undefined;
  readonly #tokenClient: HttpClient | undefined;

  constructor(
    options: HttpClientOptions,
    { clock = systemClock, random = Math.random, env = process.env, ...rest }: Partial<HttpSurroundings> = {},
  ) {
    const { oauth2, tls, proxy, socketPath, headers, userAgent } = options;
    const surroundings = { clock, random, env, ...rest };
    this.#options = options;
    this.#connections = new HttpConnections(tls ?? {}, proxy, socketPath, surroundings);
    this.#headers = new ConfiguredHeaders(options, headers ?? {});
    if (oauth2 === undefined) return;
    const connection = {
      ...(oauth2.tls !== undefined && { tls: oauth2.tls }),
      ...(oauth2.proxy !== undefined && { proxy: oauth2.proxy }),
    };
    const tokenClient = new HttpClient({ ...connection, followRedirects: true, userAgent }, surroundings);
    this.#tokenClient = tokenClient;
    this.#tokens = new TokenSource(oauth2, (request) => tokenClient.request(request), clock);
  }

  /** Resolves with the answer's headers; any status is an answer. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    let url = request.url;
    for (let count = 0; ; count++) {
      const response = await this.#exchange(request, url);
      if (!redirects.has(response.status) || !this.#options.followRedirects) return response;
      const target = redirectTarget(request.method, response, url);
      if (target === undefined) return response;
      await response.discard();
      if (target instanceof HttpError) throw target;
      if (count === maxRedirects) throw new HttpError(`${request.url.host} redirects more than ${maxRedirects} times`);
      url = target;
    }
  }

  /** Ends the connections; requests under way fail. */
  async close(): Promise<void> {
    this.#connections.close();
    await this.#tokenClient?.close();
  }

  async #exchange(request: HttpRequest, url: URL): Promise<HttpExchange> {
    const { method, body, signal, onHead } = request;
    const headers = this.#knownHeaders(request, url) ?? (await this.#headersOf(request, url));
    const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
    const outgoing = { method, url, headers: headers + length, body };
    for (let isLast = method !== "GET"; ; isLast = true) {
      const preparation = this.#connections.prepare(url);
      if (preparation !== undefined) await preparation;
      const exchange = this.#connections.send(outgoing, signal, onHead);
      try {
        await exchange.head();
        return exchange;
      } catch (error) {
        // A server may close a kept connection at the very moment it is used again: that says nothing about the server.
        if (isLast || !isConnectionLoss(error)) throw readableError(error, exchange.peer, signal);
      }
    }
  }

  /** Those of the same request as before, unless they may have changed by themselves. */
  #knownHeaders({ headers, url: home }: HttpRequest, url: URL): string | undefined {
    const known = this.#known.get(home);
    return known !== undefined && known.headers === headers && url === home ? known.lines : undefined;
  }

  async #headersOf(request: HttpRequest, url: URL): Promise<string> {
    const lines = headerLines(await this.#headerList(request, url));
    const isLasting = this.#tokens === undefined && this.#headers.areLasting;
    if (isLasting && url === request.url) this.#known.set(url, { headers: request.headers, lines });
    return lines;
  }

  /** Credentials and the configured headers are for the configured server: a redirect elsewhere does not get them. */
  async #headerList({ headers = {}, url: home, signal }: HttpRequest, url: URL): Promise<string[]> {
    const list = ["user-agent", this.#options.userAgent];
    let authorization: string | undefined;
    for (const [anyCase, value] of Object.entries(headers)) {
      const name = anyCase.toLowerCase();
      if (name === "authorization") authorization = value;
      else list.push(name, value);
    }
    if (url !== home && url.origin !== home.origin) return list;
    const configured = await this.#headers.resolve();
    list.push(...configured.headers);
    authorization ??= configured.authorization ?? (await this.#tokens?.authorization(signal)) ?? urlAuthorization(home);
    if (authorization !== undefined) list.push("authorization", authorization);
    return list;
  }
}

/** Of names and values in turn. A value from a file may hold anything. */
function headerLines(list: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < list.length; at += 2) {
    const [name = "", value = ""] = [list[at], list[at + 1]];
    if (/[\r\n\0]/.test(value)) throw new HttpError(`cannot send the header ${name}: its value has more than one line`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/**
 * Where to go on, or why not; undefined when the response is the answer. What is not a GET goes on as
 * it is (307 and 308), and only at the same origin: the body is for the place that was configured.
 */
function redirectTarget(method: HttpRequest["method"], response: HttpResponse, from: URL): URL | HttpError | undefined {
  const location = response.header("location");
  if (location === undefined) return undefined;
  const url = URL.parse(location, from.href);
  if (method !== "GET" && (response.status < 307 || url?.origin !== from.origin)) return undefined;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return new HttpError(`${from.host} redirects to something that is not an HTTP address`);
  }
  if (from.protocol === "https:" && url.protocol === "http:") {
    return new HttpError(`${from.host} redirects from https to http at ${url.host}, which is refused`);
  }
  return url;
}
