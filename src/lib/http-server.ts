import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Clock, sleep, systemClock } from "./clock.ts";
import { type Answer, sendAnswer, textAnswer } from "./http-answer.ts";
import type { ListenAddress } from "./listen-address.ts";
import { type ListenRemedy, listenError } from "./listening/listen-error.ts";
import type { TlsServerSettings } from "./tls-server.ts";

export type Handler = (request: IncomingMessage) => Promise<Answer>;

export interface ListenOptions {
  readonly address: ListenAddress;
  /** A socket that listens already (systemd's): then the address is not looked at. */
  readonly descriptor?: number | undefined;
  readonly handler: Handler;
  /** For a ListenError: the setting that chooses the address, and what usually is there when it is taken. */
  readonly remedy: ListenRemedy;
  /** Speaks https, with these. */
  readonly tls?: TlsServerSettings | undefined;
  /** Gets what a handler threw. The client has got a 500 by then. */
  readonly onBug?: (error: unknown) => void;
  readonly clock?: Clock;
}

export interface Listener {
  /** As bound: the host is an IP address, the port never 0. */
  readonly address: ListenAddress;
  /** New certificates for connections from now on. Whether clients must show theirs cannot change while listening. */
  setTls(tls: TlsServerSettings): void;
  /** Takes no more connections, lets answers that are on their way out finish, and resolves with everything closed. */
  close(): Promise<void>;
}

/** An open port is an input: nobody may hold a connection for long without asking or reading. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than the usual scrape interval, so that a scraper keeps its connection.
  keepAliveTimeout: 120_000,
};
const handshakeTimeoutMs = 10_000;
const idleTimeoutMs = 150_000;
const maxConnections = 512;

/** What an answer gets to reach a slow client once the server closes. */
const closeGraceMs = 2000;

/** Rejects with a ListenError when the port cannot be had. */
export async function listenHttp(options: ListenOptions): Promise<Listener> {
  const { handler, tls, onBug = throwUncaught, clock = systemClock } = options;
  const exchanges = new Set<ServerResponse>();
  const sockets = new Set<Socket>();

  const { server, setTls } = await createAnyServer(tls, (request, response) => {
    exchanges.add(response);
    response.once("close", () => exchanges.delete(response));
    answerTo(handler, request, response).catch(onBug);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.maxConnections = maxConnections;
  server.setTimeout(idleTimeoutMs);
  await bind(server, options);

  return {
    address: boundAddress(server),
    setTls,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await drained(exchanges, clock);
      // What is left either holds an idle connection or sends a request that nobody will answer.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function createAnyServer(
  tls: TlsServerSettings | undefined,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ server: Server; setTls: Listener["setTls"] }> {
  if (tls === undefined) return { server: createServer(limits, listener), setTls: () => {} };
  // Loaded late: an agent that serves plain HTTP only does without OpenSSL's memory.
  const { createServer: createSecureServer } = await import("node:https");
  const { secure, requestCert, rejectUnauthorized } = tls;
  const options = { ...limits, ...secure, requestCert, rejectUnauthorized, handshakeTimeout: handshakeTimeoutMs };
  const server = createSecureServer(options, listener);
  server.on("secureConnection", (socket) => {
    if (!tls.acceptsPeer(socket)) socket.destroy();
  });
  return { server, setTls: (changed) => server.setSecureContext(changed.secure) };
}

async function answerTo(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    sendAnswer(response, await handler(request));
  } catch (error) {
    sendAnswer(response, textAnswer(500, "internal error; the agent's log says more\n"));
    throw error;
  }
}

/** A unix socket, which only systemd can hand over, has its path for a host. */
function boundAddress(server: Server): ListenAddress {
  const bound = server.address() as AddressInfo | string;
  return typeof bound === "string" ? { host: bound, port: 0 } : { host: bound.address, port: bound.port };
}

function bind(server: Server, { address, descriptor, remedy }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Once the port is ours an error is that of one connection which could not be accepted: its client notices.
    server.on("error", (error) => reject(listenError(error, address, remedy)));
    if (descriptor !== undefined) server.listen({ fd: descriptor }, resolve);
    else server.listen({ port: address.port, ...(address.host !== "" && { host: address.host }) }, resolve);
  });
}

async function drained(exchanges: ReadonlySet<ServerResponse>, clock: Clock): Promise<void> {
  const done = new AbortController();
  const finished = Promise.all(
    [...exchanges].map((response) => new Promise<void>((resolve) => response.once("close", resolve))),
  );
  await Promise.race([finished, sleep(clock, closeGraceMs, done.signal)]);
  done.abort();
}

/** A bug ends the process, wherever it came up. */
function throwUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
