/**
 * The two parts of undici that lib/http-client.ts loads. The package as a whole brings fetch, web sockets, caches and
 * mocks, and with them twice the memory; its own types cover the whole only.
 */
declare module "undici/lib/dispatcher/agent.js" {
  class Agent {
    constructor(options: {
      readonly allowH2: boolean;
      readonly headersTimeout: number;
      readonly bodyTimeout: number;
      readonly keepAliveTimeout: number;
      readonly keepAliveMaxTimeout: number;
      readonly connect: import("node:tls").ConnectionOptions & { readonly timeout: number };
    });
    /** Resolves once the requests under way have ended. */
    close(): Promise<void>;
    /** Fails the requests under way. */
    destroy(): Promise<void>;
  }
  export = Agent;
}

declare module "undici/lib/api/api-request.js" {
  import type { Readable } from "node:stream";

  /** `this` is the dispatcher, here always an Agent. */
  function request(this: object, options: request.Options): Promise<request.Response>;
  namespace request {
    interface Options {
      readonly origin: string;
      readonly path: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, readonly string[]>>;
      readonly body: Uint8Array | null;
      readonly signal: AbortSignal;
    }
    interface Response {
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Readable & { dump(options: { limit: number }): Promise<void> };
    }
  }
  export = request;
}
