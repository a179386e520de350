import { request } from "node:http";
import type { Socket } from "node:net";
import { HttpError, readableError } from "./http-error.ts";

export interface TunnelOptions {
  readonly proxy: URL;
  /** Host and port of the server at the other end. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly signal: AbortSignal;
}

/** Asks the proxy at the other end of `socket` for a tunnel (RFC 9110 section 9.3.6); resolves with the socket. */
export async function openTunnel(connecting: Promise<Socket>, options: TunnelOptions): Promise<Socket> {
  const { proxy, target, headers, signal } = options;
  const socket = await connecting.catch((error: unknown) => {
    throw readableError(error, proxy, signal);
  });
  return new Promise((resolve, reject) => {
    const fail = (message: string) => {
      signal.removeEventListener("abort", abort);
      socket.destroy();
      reject(new HttpError(message));
    };
    const abort = () => fail(`the proxy ${proxy.host} does not answer`);
    signal.addEventListener("abort", abort);
    const ask = request({
      method: "CONNECT",
      path: target,
      headers: { host: target, ...headers },
      setHost: false,
      createConnection: () => socket,
    });
    ask.on("connect", ({ statusCode }, _, first: Buffer) => {
      if (statusCode !== 200) {
        fail(`the proxy ${proxy.host} refuses a tunnel to ${target} with HTTP status ${statusCode}`);
        return;
      }
      signal.removeEventListener("abort", abort);
      if (first.length > 0) socket.unshift(first);
      resolve(socket);
    });
    ask.on("error", () => fail(`the proxy ${proxy.host} gives no proper answer to the request for a tunnel`));
    ask.end();
  });
}
