import { readableError } from "./http-error.ts";
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from "./http-message.ts";
import type { Connection, ExchangeHandler } from "./http1/connection.ts";
import type { HeaderFields } from "./http1/response-parser.ts";

const waitingLimit = 64 * 1024;
const discardLimit = 64 * 1024;
const done = Promise.resolve();

/**
 * One request and its answer, as the connection reports them; no stream in between.
 *
 *   connection ─► onData ─► the reader's function        nothing is copied, nothing is kept
 *                    └─ no reader yet ─► #waiting        copied; from 64 KiB on the connection is paused
 *
 * An abort destroys the connection, wherever the exchange stands.
 */
export class HttpExchange implements ExchangeHandler, HttpResponse {
  status = 0;
  #headers: HeaderFields = {};
  #state: "open" | "ended" | "failed" = "open";
  #failure: unknown;
  #connection: Connection | undefined;
  #read: ((chunk: Uint8Array) => void) | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Of whoever waits for the answer's head, for a chunk, or for the end. */
  #waiter: PromiseWithResolvers<void> | undefined;
  /** Whom the connection leads to: the server, or the proxy in front of it. */
  readonly peer: URL;
  readonly #signal: AbortSignal;
  readonly #onHead: HttpRequest["onHead"];

  constructor(peer: URL, signal: AbortSignal, onHead?: HttpRequest["onHead"]) {
    this.peer = peer;
    this.#signal = signal;
    this.#onHead = onHead;
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener("abort", this);
  }

  /** The request is on its way. */
  begin(connection: Connection): void {
    if (this.#state === "open") this.#connection = connection;
    else if (this.#state === "failed") connection.destroy();
  }

  /** Resolves once the answer's headers are there. Until then, errors are the connection's own. */
  head(): Promise<void> {
    return this.status === 0 ? this.#next() : done;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name.toLowerCase()];
    return typeof value === "object" ? value[0] : value;
  }

  async readInto(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    this.#read = onChunk;
    try {
      for (let chunk = this.#take(); chunk !== undefined; chunk = this.#take()) onChunk(chunk);
    } catch (error) {
      this.#abort(error);
      throw error;
    }
    while (this.#state !== "ended") await this.#next();
  }

  async read(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    await this.readInto((chunk) => {
      length += chunk.length;
      if (length > limit) throw new BodyTooLargeError(`the body of ${this.peer.host} is longer than ${limit} bytes`);
      chunks.push(Buffer.from(chunk));
    });
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const chunk = this.#take();
        if (chunk !== undefined) yield chunk;
        else if (this.#state === "ended") return;
        else await this.#next();
      }
    } finally {
      if (this.#state === "open") this.#abort(new Error("the rest of the body is not wanted"));
    }
  }

  async discard(): Promise<void> {
    if (this.#state === "ended") return;
    if (Number(this.header("content-length") ?? 0) > discardLimit) return this.#abort(notWorthReading());
    let length = 0;
    const skip = (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > discardLimit) throw notWorthReading();
    };
    await this.readInto(skip).catch(() => {});
  }

  /** The signal is aborted. */
  handleEvent(): void {
    this.#abort(readableError(undefined, this.peer, this.#signal));
  }

  onHead(status: number, headers: HeaderFields): void {
    this.status = status;
    this.#headers = headers;
    this.#wake();
    this.#onHead?.(this);
  }

  onData(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#read !== undefined) {
      this.#deliver(this.#read, chunk);
      return;
    }
    this.#waiting.push(Buffer.from(chunk));
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= waitingLimit) this.#connection?.pause();
    this.#wake();
  }

  onEnd(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#connection = undefined;
    this.#signal.removeEventListener("abort", this);
    this.#wake();
  }

  onError(error: unknown): void {
    this.#fail(this.status === 0 ? error : readableError(error, this.peer, this.#signal));
  }

  /** A chunk that has come before anybody asked. When none is left the socket goes on, which may bring one at once. */
  #take(): Uint8Array | undefined {
    if (this.#waiting.length === 0 && this.#state === "open") this.#connection?.resume();
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) this.#waitingBytes -= chunk.length;
    return chunk;
  }

  #deliver(onChunk: (chunk: Uint8Array) => void, chunk: Uint8Array): void {
    try {
      onChunk(chunk);
    } catch (error) {
      this.#abort(error);
    }
  }

  #next(): Promise<void> {
    if (this.#state === "failed") return Promise.reject(this.#failure);
    this.#waiter = Promise.withResolvers();
    return this.#waiter.promise;
  }

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve();
  }

  #abort(reason: unknown): void {
    this.#fail(reason);
    this.#connection?.destroy();
  }

  #fail(reason: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#failure = reason;
    this.#waiting = [];
    this.#signal.removeEventListener("abort", this);
    this.#waiter?.reject(reason);
    this.#waiter = undefined;
  }
}

function notWorthReading(): Error {
  return new Error("the body is too long to be read for nothing");
}
