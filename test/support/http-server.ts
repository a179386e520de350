import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** How many connections were opened so far. */
  readonly connections: () => number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback that answers as `handler` says; with `tls`, one that speaks https. */
export async function startHttpServer(
  handler: Handler,
  { tls, port = 0 }: { tls?: ServerOptions; port?: number } = {},
): Promise<TestServer> {
  const listener: RequestListener = (request, response) => handler(request, response);
  const server = tls === undefined ? createServer(listener) : createHttpsServer(tls, listener);
  let connections = 0;
  server.on("connection", () => connections++);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${bound}`,
    port: bound,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A port on loopback where nothing listens. */
export async function freePort(): Promise<number> {
  const server = await startHttpServer(() => {});
  await server.close();
  return server.port;
}
