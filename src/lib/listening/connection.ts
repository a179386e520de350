import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../clock.ts";

/** How a connection ended: the other side has sent everything, it broke or was silent for too long, or we stop. */
export type ConnectionEnd = "finished" | "broken" | "idle" | "stopped";

/** A client that does not read what we write is cut off after so long. */
const readTimeoutMs = 60_000;

/** What is under way when we stop gets so long. */
const stopGraceMs = 3000;

/**
 * One client of a stream server. What is not asked for is not read: the client then has to wait, and only some 100 KiB lie
 * here and in the kernel.
 */
export class Connection {
  /** The client's IP address; one of IPv4 in its own notation. */
  readonly peer: string;
  readonly #socket: Socket | TLSSocket;
  readonly #clock: Clock;
  readonly #idleTimeoutMs: number;
  #end: ConnectionEnd | undefined;
  #isReading = false;

  constructor(socket: Socket | TLSSocket, clock: Clock, idleTimeoutMs: number) {
    this.#socket = socket;
    this.#clock = clock;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.peer = peerOf(socket);
    // Whoever reads or writes is told; a connection that breaks while nobody does is none's concern.
    socket.on("error", () => {});
  }

  /** Why it has ended; undefined while it has not. */
  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  /** What the client sends, until the end. Never throws. */
  async *chunks(): AsyncGenerator<Buffer, void> {
    const iterator: AsyncIterator<Buffer> = this.#socket[Symbol.asyncIterator]();
    while (this.#end === undefined) {
      this.#isReading = true;
      const next = await this.#within(this.#idleTimeoutMs, iterator.next()).catch(() => undefined);
      this.#isReading = false;
      if (this.#end !== undefined) return;
      if (next === undefined) this.#end = "broken";
      else if (next.done === true) this.#end = "finished";
      else yield next.value;
    }
  }

  /** Resolves when the bytes are handed to the kernel; false when the connection has ended. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const written = new Promise<boolean>((resolve) => {
      this.#socket.write(bytes, (error) => resolve(!error));
    });
    const isWritten = await this.#within(readTimeoutMs, written);
    if (!isWritten) this.#end ??= "broken";
    return isWritten;
  }

  /** Ends the waiting for the client. What has been read is still dealt with, and answers to it have a moment. */
  stop(): void {
    this.#end ??= "stopped";
    if (this.#isReading) this.#socket.destroy();
    else
      this.#socket.once(
        "close",
        this.#clock.after(stopGraceMs, () => this.#socket.destroy()),
      );
  }

  /** Lets what was written reach the client, and ends the connection. Resolves once it is closed. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    this.#socket.destroySoon();
    await this.#within(readTimeoutMs, closed);
  }

  /** The client's turn: after the timeout the connection is cut, which ends the waiting. */
  async #within<T>(ms: number, promise: Promise<T>): Promise<T> {
    const cancel = this.#clock.after(ms, () => {
      this.#end ??= "idle";
      this.#socket.destroy();
    });
    try {
      return await promise;
    } finally {
      cancel();
    }
  }
}

/** An address of IPv4 that came over a socket of IPv6 is shown as what it is. */
export function peerOf({ remoteAddress = "" }: { readonly remoteAddress?: string | undefined }): string {
  return remoteAddress.replace(/^::ffff:(?=[0-9.]+$)/, "");
}
