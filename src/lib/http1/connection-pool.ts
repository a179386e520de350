import type { Clock } from "../clock.ts";
import { Connection, type ExchangeHandler, type OpenSocket, type ReadBuffer } from "./connection.ts";

export interface ConnectionPoolOptions {
  readonly open: OpenSocket;
  readonly buffer: ReadBuffer;
  readonly clock: Clock;
  /** A connection that was not used for this long is closed. */
  readonly idleMs: number;
  /** Called when the last connection has closed. */
  readonly onEmpty: () => void;
}

/** Kept-alive connections to one place, as many as there are requests at the same time. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #busy = new Set<Connection>();
  /** The one that was used last is used first. */
  readonly #idle: IdleConnection[] = [];
  #cancelSweep: (() => void) | undefined;
  #isRetired = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Sends the request on a free connection or a new one. The result ends that connection. */
  send(head: string, body: Uint8Array | undefined, handler: ExchangeHandler): Connection {
    const connection = this.#idle.pop()?.connection ?? this.#open();
    this.#busy.add(connection);
    connection.send(head, body, handler);
    return connection;
  }

  /** Takes no more requests: idle connections end now, the others with the request they carry. */
  retire(): void {
    this.#isRetired = true;
    for (const { connection } of [...this.#idle]) connection.destroy();
    if (this.#busy.size === 0) this.#options.onEmpty();
  }

  /** Fails the requests under way. */
  destroy(error: Error): void {
    this.#isRetired = true;
    const idle = this.#idle.map(({ connection }) => connection);
    for (const connection of [...idle, ...this.#busy]) connection.fail(error);
  }

  #open(): Connection {
    const { open, buffer } = this.#options;
    return new Connection(
      open,
      buffer,
      (free) => this.#keep(free),
      (closed) => this.#forget(closed),
    );
  }

  #keep(connection: Connection): void {
    this.#busy.delete(connection);
    this.#idle.push({ connection, since: this.#options.clock.monotonic() });
    if (this.#isRetired) connection.destroy();
    else this.#cancelSweep ??= this.#sweepIn(this.#options.idleMs);
  }

  #forget(connection: Connection): void {
    this.#busy.delete(connection);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#busy.size + this.#idle.length > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#options.onEmpty();
  }

  /** One timer for all: to set one for each request would cost more than the rest of what is done here. */
  #sweepIn(ms: number): () => void {
    const { clock, idleMs } = this.#options;
    return clock.after(ms, () => {
      this.#cancelSweep = undefined;
      const oldest = clock.monotonic() - idleMs;
      for (const { connection } of this.#idle.filter(({ since }) => since <= oldest)) connection.destroy();
      const [next] = this.#idle;
      if (next !== undefined) this.#cancelSweep = this.#sweepIn(next.since - oldest);
    });
  }
}

interface IdleConnection {
  readonly connection: Connection;
  /** On the monotonic clock. */
  readonly since: number;
}
