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
  /** Each with what cancels its end. The one that was used last is used first. */
  readonly #idle = new Map<Connection, () => void>();
  #isRetired = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Sends the request on a free connection or a new one. The result ends that connection. */
  send(head: string, body: Uint8Array | undefined, handler: ExchangeHandler): Connection {
    const connection = this.#takeIdle() ?? this.#open();
    this.#busy.add(connection);
    connection.send(head, body, handler);
    return connection;
  }

  /** Takes no more requests: idle connections end now, the others with the request they carry. */
  retire(): void {
    this.#isRetired = true;
    for (const connection of [...this.#idle.keys()]) connection.destroy();
    if (this.#busy.size === 0) this.#options.onEmpty();
  }

  /** Fails the requests under way. */
  destroy(error: Error): void {
    this.#isRetired = true;
    for (const connection of [...this.#idle.keys(), ...this.#busy]) connection.fail(error);
  }

  #takeIdle(): Connection | undefined {
    const connection = [...this.#idle.keys()].at(-1);
    if (connection === undefined) return undefined;
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    return connection;
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
    const { clock, idleMs } = this.#options;
    this.#idle.set(
      connection,
      clock.after(idleMs, () => connection.destroy()),
    );
    if (this.#isRetired) connection.destroy();
  }

  #forget(connection: Connection): void {
    this.#busy.delete(connection);
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    if (this.#busy.size + this.#idle.size === 0) this.#options.onEmpty();
  }
}
