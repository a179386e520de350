import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";
import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
import { every } from "../every.ts";
import { formatAddress, type ListenAddress } from "../listen-address.ts";
import type { TlsServerSettings } from "../tls-server.ts";
import { Connection, peerOf } from "./connection.ts";
import type { OpenPort } from "./keep-listening.ts";
import { ListenError, type ListenRemedy, listenError } from "./listen-error.ts";
import type { TlsServerSource } from "./tls-server-source.ts";

export interface StreamServerOptions {
  readonly address: ListenAddress;
  /** Speaks TLS, with these. */
  readonly tls: TlsServerSource | undefined;
  readonly remedy: ListenRemedy;
  /** More are closed at once. */
  readonly maxConnections: number;
  /** A client that sends nothing for so long is cut off; Infinity is never. */
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
  /** Deals with one client. The connection is closed when it resolves; what it throws is a bug. */
  serve(connection: Connection): Promise<void>;
  /** One more client is connected, or one less. */
  onConnections(change: 1 | -1): void;
  /** A client was not let in, or not as far as a connection. */
  onRefused(reason: string, peer: string): void;
}

/** A server that listens. */
export interface OpenStreamPort extends OpenPort {
  /** As bound: the host is an IP address, the port never 0. */
  readonly address: ListenAddress;
  readonly connections: number;
}

/** Certificates are renewed while nobody connects: the files are looked at this often. */
const refreshMs = 5000;
const handshakeTimeoutMs = 10_000;

/** A client that is gone without a word is found out by the kernel, which asks after so long a silence. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/** Listens for TCP or TLS. Rejects with a ListenError when the port or the certificates cannot be had. */
export async function openStreamPort(options: StreamServerOptions): Promise<OpenStreamPort> {
  const { tls, clock, idleTimeoutMs, serve, onConnections, onRefused } = options;
  const { promise: ended, reject: onBug } = Promise.withResolvers<void>();
  ended.catch(() => {});
  const serving = new Map<Connection, Promise<void>>();
  const sockets = new Set<Socket>();
  const stopping = new AbortController();

  const accept = (socket: Socket) => {
    const connection = new Connection(socket, clock, idleTimeoutMs);
    const served = serve(connection)
      .catch(onBug)
      .finally(() => connection.close())
      .finally(() => {
        serving.delete(connection);
        onConnections(-1);
      });
    serving.set(connection, served);
    onConnections(1);
    if (stopping.signal.aborted) connection.stop();
  };
  const settings = await certificates(options);
  const secure = settings && (await secureServer(settings, options, accept));
  const server = secure ?? createServer(socketOptions, accept);
  server.maxConnections = options.maxConnections;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("drop", (dropped) => {
    onRefused(`${options.maxConnections} connections are open (max_connections)`, dropped?.remoteAddress ?? "");
  });
  await bind(server, options);
  const refreshing = secure && tls && refreshed(secure, tls, clock, stopping.signal).catch(onBug);

  return {
    ended,
    address: boundAddress(server),
    get connections() {
      return serving.size;
    },
    async close() {
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of serving.keys()) connection.stop();
      await Promise.all([...serving.values(), refreshing]);
      // What is left has not finished its handshake.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function certificates({ tls, address }: StreamServerOptions): Promise<TlsServerSettings | undefined> {
  try {
    return await tls?.load();
  } catch (error) {
    throw new ListenError(`cannot listen on ${formatAddress(address)}: ${describeError(error)}`);
  }
}

async function secureServer(
  { secure, requestCert, rejectUnauthorized }: TlsServerSettings,
  { onRefused }: StreamServerOptions,
  accept: (socket: Socket) => void,
): Promise<TlsServer> {
  // Loaded late: an agent that speaks no TLS does without OpenSSL's memory.
  const { createServer: createSecureServer } = await import("node:tls");
  const limits = { requestCert, rejectUnauthorized, handshakeTimeout: handshakeTimeoutMs };
  const server = createSecureServer({ ...secure, ...limits, ...socketOptions }, accept);
  server.on("tlsClientError", (error, socket) => {
    onRefused(`TLS handshake failed: ${describeError(error)}`, peerOf(socket));
    socket.destroy();
  });
  return server;
}

/** New certificates are for connections from now on. Ones that cannot be used leave the old ones in place. */
async function refreshed(server: TlsServer, tls: TlsServerSource, clock: Clock, stop: AbortSignal): Promise<void> {
  await every(clock, refreshMs, stop, async () => {
    const settings = await tls.loadOrKeep();
    if (settings !== undefined) server.setSecureContext(settings.secure);
  });
}

function boundAddress(server: Server): ListenAddress {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

function bind(server: Server, { address, remedy }: StreamServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Once the port is ours an error is that of one connection which could not be accepted: its client notices.
    server.on("error", (error) => reject(listenError(error, address, remedy)));
    server.listen({ port: address.port, ...(address.host !== "" && { host: address.host }) }, resolve);
  });
}
