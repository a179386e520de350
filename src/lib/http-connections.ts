import type { LookupFunction, Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Clock } from "./clock.ts";
import { urlAuthorization } from "./http-credentials.ts";
import { HttpError } from "./http-error.ts";
import { HttpExchange } from "./http-exchange.ts";
import type { HttpRequest } from "./http-message.ts";
import type { ReadBuffer } from "./http1/connection.ts";
import { ConnectionPool } from "./http1/connection-pool.ts";
import { openSocket, type ReadInto, type SocketOptions, type TlsSettings } from "./http1/open-socket.ts";
import { type Environment, type ProxyChoice, type ProxyOptions, proxyChoice } from "./proxy.ts";
import { openTunnel } from "./proxy-tunnel.ts";
import { isSocks5, openSocks5, socks5Port } from "./socks5.ts";
import { type TlsOptions, TlsSource } from "./tls-source.ts";

/** As long as Prometheus keeps them; a server that closes them earlier says so or is noticed. */
const idleMs = 300_000;

/** Connections live this long, give or take a fifth, so that a name whose address has changed is looked up again. */
const maxAgeMs = 300_000;

export interface HttpSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  /** Where the proxies of `proxy_from_environment` are named. */
  readonly env: Environment;
  /** Finds the addresses of a name; the system's resolver if left out. */
  readonly lookup?: LookupFunction;
}

/** A request as it goes on the wire. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  /** Lines, each with its end, but for the host's. */
  readonly headers: string;
  readonly body: Uint8Array | undefined;
}

/** How a request reaches its server. */
interface Route {
  /** Requests of the same route may share connections. */
  readonly key: string;
  /** Where the connection leads to: the server itself, or the proxy. */
  readonly peer: URL;
  readonly host: string;
  readonly target: string;
  /** Lines, each with its end. */
  readonly headers: string;
  open(onread: ReadInto, signal: AbortSignal): Promise<Socket>;
}

interface AgingPool {
  readonly pool: ConnectionPool;
  readonly until: number;
}

/**
 * Kept-alive connections, a pool for each origin. A pool that has reached its age, or whose certificates have been
 * renewed, takes no more requests and is closed when those under way have ended.
 */
export class HttpConnections {
  readonly #tls: TlsSource;
  readonly #tlsOptions: TlsOptions;
  readonly #proxy: ProxyOptions | undefined;
  readonly #proxyFor: ProxyChoice;
  readonly #socketPath: string | undefined;
  readonly #surroundings: HttpSurroundings;
  readonly #buffer: ReadBuffer;
  #context: SecureContext | undefined;
  readonly #routes = new WeakMap<URL, Route>();
  readonly #pools = new Map<string, AgingPool>();
  readonly #retiring = new Set<ConnectionPool>();

  constructor(
    tls: TlsOptions,
    proxy: ProxyOptions | undefined,
    socketPath: string | undefined,
    surroundings: HttpSurroundings,
  ) {
    this.#tls = new TlsSource(tls);
    this.#tlsOptions = tls;
    this.#proxy = proxy;
    this.#proxyFor = proxy === undefined ? () => undefined : proxyChoice(proxy, surroundings.env);
    this.#socketPath = socketPath;
    this.#surroundings = surroundings;
    this.#buffer = new Uint8Array(readBufferSize);
  }

  /** What has to be waited for before a request to `url` is sent; undefined where nothing has. */
  prepare(url: URL): Promise<void> | undefined {
    const isEncrypted = url.protocol === "https:" || this.#proxyFor(url)?.protocol === "https:";
    return isEncrypted ? this.#loadCertificates() : undefined;
  }

  /** Nothing is waited for here: the pool must not retire before it knows of the request. */
  send({ method, url, headers, body }: Outgoing, signal: AbortSignal, onHead?: HttpRequest["onHead"]): HttpExchange {
    const route = this.#routeOf(url);
    const exchange = new HttpExchange(route.peer, signal, onHead);
    if (signal.aborted) return exchange;
    const head = `${method} ${route.target} HTTP/1.1\r\nhost: ${route.host}\r\n${headers}${route.headers}\r\n`;
    exchange.begin(this.#pool(route).send(head, body, exchange));
    return exchange;
  }

  /** Ends the connections; requests under way fail. */
  close(): void {
    const pools = [...this.#pools.values()].map(({ pool }) => pool);
    this.#pools.clear();
    for (const pool of [...pools, ...this.#retiring]) pool.destroy(new HttpError("the client is closed"));
  }

  /** The requests under way end with the certificates that they began with. */
  async #loadCertificates(): Promise<void> {
    const context = await this.#tls.load();
    if (context !== this.#context) for (const key of [...this.#pools.keys()]) this.#retire(key);
    this.#context = context;
  }

  #routeOf(url: URL): Route {
    const known = this.#routes.get(url);
    if (known !== undefined) return known;
    const route = this.#route(url, this.#proxyFor(url));
    this.#routes.set(url, route);
    return route;
  }

  #route(url: URL, proxy: URL | undefined): Route {
    const path = url.pathname + url.search;
    const { host } = url;
    if (proxy === undefined) {
      const open = (onread: ReadInto, signal: AbortSignal) => this.#open(url, signal, { onread });
      return { key: url.origin, peer: url, host, target: path, headers: "", open };
    }
    if (url.protocol === "https:" || isSocks5(proxy)) {
      const open = (onread: ReadInto, signal: AbortSignal) => this.#openThrough(proxy, url, onread, signal);
      return { key: `${url.origin} through ${proxy.href}`, peer: url, host, target: path, headers: "", open };
    }
    // RFC 9112 section 3.2.2: a proxy is told the whole address. One connection serves all servers.
    const authorization = urlAuthorization(proxy);
    const headers = authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`;
    const open = (onread: ReadInto, signal: AbortSignal) => this.#open(proxy, signal, { onread }, true);
    return { key: `proxy ${proxy.href}`, peer: proxy, host, target: url.origin + path, headers, open };
  }

  #pool({ key, open }: Route): ConnectionPool {
    const { clock, random } = this.#surroundings;
    const now = clock.monotonic();
    const known = this.#pools.get(key);
    if (known !== undefined && now < known.until) return known.pool;
    if (known !== undefined) this.#retire(key);
    const pool: ConnectionPool = new ConnectionPool({
      open,
      buffer: this.#buffer,
      clock,
      idleMs,
      onEmpty: () => {
        this.#retiring.delete(pool);
        if (this.#pools.get(key)?.pool === pool) this.#pools.delete(key);
      },
    });
    this.#pools.set(key, { pool, until: now + maxAgeMs * (0.8 + 0.4 * random()) });
    return pool;
  }

  #retire(key: string): void {
    const pool = this.#pools.get(key)?.pool;
    if (pool === undefined) return;
    this.#pools.delete(key);
    this.#retiring.add(pool);
    pool.retire();
  }

  #open(to: URL, signal: AbortSignal, how: Partial<SocketOptions>, isProxy = false): Promise<Socket> {
    const { lookup, clock } = this.#surroundings;
    const tls = to.protocol === "https:" ? this.#tlsSettings(isProxy) : undefined;
    return openSocket({
      host: hostOf(to),
      port: portOf(to),
      signal,
      clock,
      ...(this.#socketPath !== undefined && { path: this.#socketPath }),
      ...(tls !== undefined && { tls }),
      ...(lookup !== undefined && { lookup }),
      ...how,
    });
  }

  async #openThrough(proxy: URL, url: URL, onread: ReadInto, signal: AbortSignal): Promise<Socket> {
    const connecting = this.#open(proxy, signal, {}, true);
    const over = await (isSocks5(proxy)
      ? openSocks5(connecting, { proxy, host: hostOf(url), port: portOf(url), signal })
      : openTunnel(connecting, {
          proxy,
          target: `${url.hostname}:${portOf(url)}`,
          headers: this.#tunnelHeaders(proxy),
          signal,
        }));
    return this.#open(url, signal, { onread, over });
  }

  #tunnelHeaders(proxy: URL): Record<string, string | string[]> {
    const authorization = urlAuthorization(proxy);
    const configured = Object.entries(this.#proxy?.connectHeaders ?? {});
    return {
      ...Object.fromEntries(
        configured.map(([name, values]) => [name.toLowerCase(), values.map((value) => value.reveal())]),
      ),
      ...(authorization !== undefined && { "proxy-authorization": authorization }),
    };
  }

  /** The name in a proxy's certificate is its own, not that of the server that a request is for. */
  #tlsSettings(isProxy: boolean): TlsSettings | undefined {
    const { serverName, insecureSkipVerify = false } = this.#tlsOptions;
    if (this.#context === undefined) return undefined;
    return {
      context: this.#context,
      rejectUnauthorized: !insecureSkipVerify,
      ...(serverName !== undefined && !isProxy && { serverName }),
    };
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  if (isSocks5(url)) return socks5Port;
  return url.protocol === "https:" ? 443 : 80;
}

/** As much as Node reads at once by itself. */
const readBufferSize = 64 * 1024;
