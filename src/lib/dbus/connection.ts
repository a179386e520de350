import { connect, type Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { decodeMessage, encodeCall, type Message, type MethodCall, messageLength, messageType } from "./message.ts";
import type { DbusValue } from "./values.ts";

interface ConnectionOptions {
  /** A list of addresses as in DBUS_SYSTEM_BUS_ADDRESS; the first that can be reached is taken. Only unix sockets. */
  readonly address: string;
  /** False: the other end is a service itself, not a bus (systemd's private socket). */
  readonly isBus: boolean;
  /** For everything together: connecting and all calls. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly uid: number;
}

/** An answer in the place of a reply: no such object, property, or right. The connection is well. */
export class DbusError extends Error {
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(`${errorName}: ${message}`);
    this.errorName = errorName;
  }
}

interface Pending {
  readonly resolve: (body: readonly DbusValue[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A client of D-Bus for a moment: connect, call, close.
 *
 *     connect ──► "\0AUTH EXTERNAL <uid>" ──► "OK …" ──► "BEGIN", Hello ──► calls, all at once ──► replies by serial
 *
 * Calls need not wait for one another: hundreds of questions travel in a few packets and take one round trip.
 */
export class DbusConnection implements Disposable {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #cancelDeadline: () => void;
  #serial = 0;
  #failure: Error | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  /** How many bytes the next message needs, as far as known. */
  #wanted = 16;

  /** Rejects if no address can be reached, the other end refuses this user, or the deadline passes. */
  static async open(options: ConnectionOptions): Promise<DbusConnection> {
    const failures: unknown[] = [];
    for (const path of socketPaths(options.address)) {
      const socket = connect({ path });
      try {
        const rest = await authenticated(socket, options);
        return await new DbusConnection(socket, options, rest).#greet(options.isBus);
      } catch (error) {
        socket.destroy();
        failures.push(error);
      }
    }
    const cause = failures[0] ?? `no unix socket in ${JSON.stringify(options.address)}`;
    throw new Error(`cannot connect to ${options.isBus ? "the system bus" : "systemd"}`, { cause });
  }

  private constructor(socket: Socket, { clock, deadlineMs }: ConnectionOptions, rest: Buffer) {
    this.#socket = socket;
    this.#cancelDeadline = clock.after(deadlineMs, () => this.#fail(new Error(late(deadlineMs))));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the bus closed the connection")));
    socket.on("data", (chunk) => this.#read(chunk));
    if (rest.length > 0) this.#read(rest);
  }

  /** The values of the reply. Rejects with a DbusError if that is the answer. */
  call(call: MethodCall): Promise<readonly DbusValue[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const serial = ++this.#serial;
    return new Promise((resolve, reject) => {
      this.#pending.set(serial, { resolve, reject });
      // Calls of the same turn of the event loop leave in one packet.
      if (this.#socket.writableCorked === 0) {
        this.#socket.cork();
        process.nextTick(() => this.#socket.uncork());
      }
      this.#socket.write(encodeCall(call, serial));
    });
  }

  [Symbol.dispose](): void {
    this.#fail(new Error("the connection was closed"));
  }

  async #greet(isBus: boolean): Promise<this> {
    const bus = "org.freedesktop.DBus";
    const hello = { destination: bus, path: "/org/freedesktop/DBus", interface: bus, member: "Hello", args: [] };
    if (isBus) await this.call(hello).catch((error: Error) => this.#giveUp(error));
    return this;
  }

  #giveUp(error: Error): never {
    this.#fail(error);
    throw error;
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received < this.#wanted) return;
    let bytes = Buffer.concat(this.#chunks);
    try {
      for (;;) {
        const length = messageLength(bytes);
        this.#wanted = length ?? 16;
        if (length === undefined || bytes.length < length) break;
        this.#take(decodeMessage(bytes.subarray(0, length)));
        bytes = bytes.subarray(length);
      }
    } catch (cause) {
      this.#fail(new Error("cannot read what the bus says", { cause }));
    }
    this.#chunks = [bytes];
    this.#received = bytes.length;
  }

  /** Signals, such as the one that names us, and replies that nobody waits for are passed over. */
  #take({ type, replySerial, errorName, body }: Message): void {
    const pending = this.#pending.get(replySerial);
    if (pending === undefined) return;
    this.#pending.delete(replySerial);
    if (type === messageType.error) pending.reject(new DbusError(errorName, String(body[0] ?? "")));
    else pending.resolve(body);
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#cancelDeadline();
    this.#socket.destroy();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function late(deadlineMs: number): string {
  return `no answer within ${deadlineMs / 1000} s`;
}

/** `unix:path=/run/a;unix:abstract=b,guid=…`: the sockets' paths, as Node takes them. */
function socketPaths(addresses: string): string[] {
  return addresses.split(";").flatMap((address) => {
    const [transport, options = ""] = address.split(":", 2);
    const pairs = new Map(options.split(",").map((pair): [string, string] => splitPair(pair)));
    const [path, abstract] = [pairs.get("path"), pairs.get("abstract")];
    if (transport !== "unix") return [];
    return path ?? (abstract === undefined ? [] : `\0${abstract}`);
  });
}

/** Values are percent-encoded. */
function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))];
}

/** Proves who we are, which the kernel tells the other end anyway. Resolves with what came behind the answer. */
function authenticated(socket: Socket, { clock, deadlineMs, uid }: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => settle(() => reject(new Error(late(deadlineMs)))));
    const onClose = () => onError(new Error("the bus closed the connection"));
    const onError = (error: Error) => settle(() => reject(error));
    let said = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      const end = said.indexOf("\r\n");
      if (end < 0 && said.length < 16 * 1024) return;
      const line = said.toString("utf8", 0, Math.max(end, 0));
      if (!line.startsWith("OK ")) onError(new Error(`the bus does not accept user ${uid}: ${line}`));
      else settle(() => resolve(said.subarray(end + 2)));
      if (line.startsWith("OK ")) socket.write("BEGIN\r\n");
    };
    socket.on("error", onError).on("close", onClose).on("data", onData);
    socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`);

    function settle(end: () => void): void {
      cancel();
      socket.off("error", onError).off("close", onClose).off("data", onData);
      // Between two owners an error must not be one that nobody handles.
      socket.on("error", () => {});
      end();
    }
  });
}
