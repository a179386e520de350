export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The only limit on time: there is no other timeout. Its reason is what the request rejects with. */
  readonly signal: AbortSignal;
}

/** An answer whose body may still be on its way. The body has to be consumed, in one of the four ways, and only once. */
export interface HttpResponse {
  readonly status: number;
  /** The value of a header, its name in any case; of one that is repeated, the first. */
  header(name: string): string | undefined;
  /** The cheapest way. A chunk is valid during the call only. An error that `onChunk` throws ends the connection. */
  readInto(onChunk: (chunk: Uint8Array) => void): Promise<void>;
  /** The whole body. Rejects with a BodyTooLargeError as soon as it is longer than `limit` bytes. */
  read(limit: number): Promise<Uint8Array>;
  /** At the consumer's own pace. Leaving the loop early ends the connection. */
  chunks(): AsyncIterable<Uint8Array>;
  /** For a body of no interest. A short one is read, so that the connection can be used again. Never rejects. */
  discard(): Promise<void>;
}

export class BodyTooLargeError extends Error {}
