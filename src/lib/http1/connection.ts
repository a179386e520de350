import type { Socket } from "node:net";
import type { ReadInto } from "./open-socket.ts";
import { type HeaderFields, type ResponseEvents, ResponseParser } from "./response-parser.ts";

/** Opens a socket that hands what it reads to `onread`, and resolves when it can be written to. */
export type OpenSocket = (onread: ReadInto, signal: AbortSignal) => Promise<Socket>;

/** What becomes of a request. After `onEnd` or `onError` nothing more is said. */
export interface ExchangeHandler {
  onHead(status: number, headers: HeaderFields): void;
  /** The chunk is valid during the call only: its memory is read into again. */
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: unknown): void;
}

/** All connections read into the same memory: what a read brings is dealt with before the next read begins. */
export type ReadBuffer = Uint8Array<ArrayBuffer>;

/**
 * One connection, one request at a time. The socket reads into memory that all connections share, so that a body costs
 * no allocation however large it is:
 *
 *     kernel ─► read buffer ─► parser ─► handler     and back, before anything else runs
 */
export class Connection implements ResponseEvents {
  readonly #parser = new ResponseParser(this);
  readonly #whole: Buffer;
  readonly #onFree: (connection: Connection) => void;
  readonly #onClosed: (connection: Connection) => void;
  #socket: Socket | undefined;
  #handler: ExchangeHandler | undefined;
  #error: Error | undefined;
  #isClosed = false;
  #isWritten = false;
  #isPaused = false;
  readonly #opening = new AbortController();
  #head = "";
  #body: Uint8Array | undefined;

  /** `onFree` is called when it may carry another request, `onClosed` once, when it never will. */
  constructor(
    open: OpenSocket,
    buffer: ReadBuffer,
    onFree: (connection: Connection) => void,
    onClosed: (connection: Connection) => void,
  ) {
    this.#onFree = onFree;
    this.#onClosed = onClosed;
    this.#whole = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length);
    open({ buffer, callback: (length) => this.#onRead(buffer, length) }, this.#opening.signal).then(
      (socket) => this.#onOpen(socket),
      (error: Error) => this.fail(error),
    );
  }

  /** Sends a request, as soon as the connection stands. */
  send(head: string, body: Uint8Array | undefined, handler: ExchangeHandler): void {
    this.resume();
    this.#handler = handler;
    this.#head = head;
    this.#body = body;
    this.#isWritten = false;
    this.#parser.begin();
    if (this.#socket !== undefined) this.#write(this.#socket);
  }

  /** What is not read is not asked for: the window of the connection fills up, and the other side waits. */
  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Ends the connection; the handler is told nothing more. */
  destroy(): void {
    this.#handler = undefined;
    this.#close();
  }

  /** Ends the connection; whoever waits for an answer is told why. */
  fail(error: unknown): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#close();
    handler?.onError(error);
  }

  onHead(status: number, headers: HeaderFields): void {
    this.#handler?.onHead(status, headers);
  }

  onData(chunk: Uint8Array): void {
    this.#handler?.onData(chunk);
  }

  onEnd(): void {
    // Whoever read the body may have ended the connection in the middle of what the parser is fed.
    if (this.#isClosed) return;
    const handler = this.#handler;
    this.#handler = undefined;
    // A server that has answered before the request was written whole is not listening to the rest of it.
    if (this.#parser.keepsAlive && this.#socket?.writableLength === 0) this.#onFree(this);
    else this.#close();
    handler?.onEnd();
  }

  #onOpen(socket: Socket): void {
    this.#socket = socket;
    socket.on("error", (error: Error) => {
      this.#error = error;
    });
    socket.on("end", () => this.#onEnded());
    socket.on("close", () => this.#onEnded());
    if (this.#isClosed) socket.destroy();
    else if (this.#handler !== undefined) this.#write(socket);
  }

  #write(socket: Socket): void {
    this.#isWritten = true;
    if (this.#body === undefined) socket.write(this.#head);
    else {
      socket.cork();
      socket.write(this.#head);
      socket.write(this.#body);
      socket.uncork();
    }
    this.#body = undefined;
  }

  /** Always goes on reading: `pause` is how to stop. */
  #onRead(buffer: ReadBuffer, length: number): boolean {
    if (this.#isClosed) return true;
    try {
      this.#parser.feed(length === buffer.length ? this.#whole : this.#whole.subarray(0, length));
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  #onEnded(): void {
    if (this.#isClosed) return;
    if (this.#handler !== undefined && this.#isWritten && this.#error === undefined && this.#parser.finish()) return;
    this.fail(this.#error ?? closedByPeer());
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#socket === undefined) this.#opening.abort();
    this.#socket?.destroy();
    this.#onClosed(this);
  }
}

function closedByPeer(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}
