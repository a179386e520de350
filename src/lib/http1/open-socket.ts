import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Clock } from "../clock.ts";

export interface TlsSettings {
  readonly context: SecureContext;
  /** Asked for, and expected in the certificate; the host's name if left out. */
  readonly serverName?: string;
  readonly rejectUnauthorized: boolean;
}

/** Memory to read into; what it holds is valid during the call. True goes on reading. */
export interface ReadInto {
  readonly buffer: Uint8Array;
  callback(length: number, buffer: Uint8Array): boolean;
}

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** A Unix socket instead of host and port. */
  readonly path?: string;
  /** Plain if left out. */
  readonly tls?: TlsSettings;
  /** This one, which is connected already, instead of a connection of its own. */
  readonly over?: Socket;
  /** Reads into memory that is used again; if left out, the socket is a stream like any other. */
  readonly onread?: ReadInto;
  readonly lookup?: LookupFunction;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Go's dialer gives up at this point too. */
const timeoutMs = 30_000;

/** Of a name with several addresses, the next is tried after this. Node's own 250 ms are too short for a far server. */
const nextAddressMs = 1_000;

/** Resolves when the socket can be written to: it is connected, and trusted where it speaks TLS. */
export async function openSocket(options: SocketOptions): Promise<Socket> {
  const { host, port, path, tls, over, onread, lookup, signal, clock } = options;
  const to = {
    host,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressMs,
    signal,
    ...(path !== undefined && { path }),
    ...(onread !== undefined && { onread }),
    ...(lookup !== undefined && { lookup }),
  };
  if (tls === undefined && over !== undefined) return readingInto(over, onread);
  if (tls === undefined) return opened(connect(to), "connect", clock);
  const { connect: connectTls } = await import("node:tls");
  const name = tls.serverName ?? host;
  const socket = connectTls({
    ...to,
    ...(over !== undefined && { socket: over }),
    ...(isIP(name) === 0 && { servername: name }),
    secureContext: tls.context,
    rejectUnauthorized: tls.rejectUnauthorized,
    ALPNProtocols: ["http/1.1"],
  });
  if (over !== undefined) readingInto(socket, onread);
  return opened(socket, "secureConnect", clock);
}

/** Node leaves `onread` aside where a socket is there already. */
function readingInto(socket: Socket, onread: ReadInto | undefined): Socket {
  if (onread !== undefined) socket.on("data", (chunk: Uint8Array) => copyTo(onread, chunk));
  return socket;
}

function copyTo({ buffer, callback }: ReadInto, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length; at += buffer.length) {
    const part = chunk.subarray(at, at + buffer.length);
    buffer.set(part);
    callback(part.length, buffer);
  }
}

function opened(socket: Socket, event: "connect" | "secureConnect", clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      cancelTimeout();
      socket.off("error", fail).off("close", closed);
    };
    const fail = (error: Error) => {
      settle();
      // What it has to say after this is of no interest, and must not go unheard.
      socket.on("error", () => {}).destroy();
      reject(error);
    };
    const closed = () => fail(failure("ECONNRESET"));
    const cancelTimeout = clock.after(timeoutMs, () => fail(failure("ETIMEDOUT")));
    socket.once("error", fail).once("close", closed);
    socket.once(event, () => {
      settle();
      resolve(socket);
    });
  });
}

function failure(code: string): Error {
  return Object.assign(new Error("the connection was not opened"), { code });
}
