import { isIP, type Socket } from "node:net";
import { HttpError, readableError } from "./http-error.ts";

export interface Socks5Options {
  readonly proxy: URL;
  /** The server at the other end: the proxy looks its name up. */
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** For proxies whose URL names none. */
export const socks5Port = 1080;

/** As in Go both mean the same: the proxy looks up the names. */
export function isSocks5({ protocol }: URL): boolean {
  return protocol === "socks5:" || protocol === "socks5h:";
}

/**
 * Asks the SOCKS5 proxy at the other end of `socket` for a connection (RFC 1928, and RFC 1929 for user and password);
 * resolves with the socket, on which the server is the next to be heard:
 *
 *     to the proxy    methods │         │ user, password │    │ connect to host and port │
 *     from it                 │ method  │                │ ok │                          │ reply, bound address
 */
export async function openSocks5(connecting: Promise<Socket>, options: Socks5Options): Promise<Socket> {
  const { proxy, signal } = options;
  const socket = await connecting.catch((error: unknown) => {
    throw readableError(error, proxy, signal);
  });
  const dialogue = new Dialogue(socket, proxy, signal);
  try {
    await authenticate(dialogue, proxy);
    await askFor(dialogue, options);
    return socket;
  } catch (error) {
    // What it has to say after this is of no interest, and must not go unheard.
    socket.on("error", () => {}).destroy();
    throw error;
  } finally {
    dialogue.end();
  }
}

const version = 5;
const method = { none: 0, password: 2 } as const;

async function authenticate(dialogue: Dialogue, proxy: URL): Promise<void> {
  const { host, username, password } = proxy;
  const hasUser = username !== "" || password !== "";
  dialogue.say([version, ...(hasUser ? [2, method.none, method.password] : [1, method.none])]);
  const [spoken, chosen] = await dialogue.hear(2);
  if (spoken !== version) throw new HttpError(`the proxy ${host} does not speak SOCKS5`);
  if (chosen === method.none) return;
  if (chosen !== method.password || !hasUser) {
    const wanted = hasUser ? "takes no user and password" : "wants a user and password";
    throw new HttpError(`the proxy ${host} ${wanted}`);
  }
  const [user, secret] = [username, password].map((text) => Buffer.from(decodeURIComponent(text))) as [Buffer, Buffer];
  if (user.length > 255 || secret.length > 255) {
    throw new HttpError(`the user or the password for the proxy ${host} is longer than 255 bytes`);
  }
  dialogue.say([1, user.length, ...user, secret.length, ...secret]);
  const [, status] = await dialogue.hear(2);
  if (status !== 0) throw new HttpError(`the proxy ${host} refuses the user and password`);
}

const connectCommand = 1;
const addressType = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** By the number of the reply. */
const refusals = [
  "",
  "general failure",
  "its rules forbid it",
  "the network is unreachable",
  "the host is unreachable",
  "the connection was refused",
  "the time to live is over",
  "it cannot connect",
  "it does not know this kind of address",
];

async function askFor(dialogue: Dialogue, { proxy, host, port }: Socks5Options): Promise<void> {
  dialogue.say([version, connectCommand, 0, ...addressOf(host), port >> 8, port & 0xff]);
  const [, reply = 0, , type = 0] = await dialogue.hear(4);
  if (reply !== 0) {
    const reason = refusals[reply] ?? `reply ${reply}`;
    throw new HttpError(`the proxy ${proxy.host} gives no connection to ${host}:${port}: ${reason}`);
  }
  // The address that the proxy has bound for it is of no interest, but has to be read.
  await dialogue.hear((await boundLength(dialogue, type)) + 2);
}

async function boundLength(dialogue: Dialogue, type: number): Promise<number> {
  if (type !== addressType.name) return type === addressType.ipv6 ? 16 : 4;
  const [length = 0] = await dialogue.hear(1);
  return length;
}

function addressOf(host: string): number[] {
  if (isIP(host) === 4) return [addressType.ipv4, ...host.split(".").map(Number)];
  if (isIP(host) === 6) return [addressType.ipv6, ...ipv6Bytes(host)];
  const name = Buffer.from(host);
  if (name.length > 255) throw new HttpError(`${host.slice(0, 50)}… is too long a name for a proxy`);
  return [addressType.name, name.length, ...name];
}

/** Of an address as URLs write it: hexadecimal groups, with `::` for those that are zero. */
function ipv6Bytes(address: string): number[] {
  const [front = [], back = []] = address.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = new Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...zeros, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Words to and fro on a socket; what comes behind the last of them stays in it. */
class Dialogue {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #failed = Promise.withResolvers<never>();
  readonly #fail: () => void;
  readonly #abort: () => void;
  /** Heard already, and not asked for so far. */
  #heard = Buffer.alloc(0);

  constructor(socket: Socket, { host }: URL, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    this.#failed.promise.catch(() => {});
    this.#fail = () => this.#failed.reject(new HttpError(`the proxy ${host} ends the connection`));
    this.#abort = () => this.#failed.reject(new HttpError(`the proxy ${host} does not answer`));
    socket.on("error", this.#fail).on("end", this.#fail).on("close", this.#fail);
    signal.addEventListener("abort", this.#abort);
    if (signal.aborted) this.#abort();
  }

  say(bytes: readonly number[]): void {
    this.#socket.write(Uint8Array.from(bytes));
  }

  /** Exactly so many bytes. */
  async hear(length: number): Promise<Buffer> {
    while (this.#heard.length < length) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk === null) await Promise.race([this.#readable(), this.#failed.promise]);
      else this.#heard = Buffer.concat([this.#heard, chunk]);
    }
    const bytes = this.#heard.subarray(0, length);
    this.#heard = this.#heard.subarray(length);
    return bytes;
  }

  end(): void {
    this.#socket.off("error", this.#fail).off("end", this.#fail).off("close", this.#fail);
    this.#signal.removeEventListener("abort", this.#abort);
    if (this.#heard.length > 0) this.#socket.unshift(this.#heard);
  }

  #readable(): Promise<void> {
    return new Promise((resolve) => this.#socket.once("readable", resolve));
  }
}
