import { connect, type Socket } from "node:net";
import { startTcpServer } from "./tcp-server.ts";

export interface SocksServerOptions {
  /** What a client must say; left out: nothing. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Answers requests for a connection with this number instead of 0. */
  readonly reply?: number;
  /** The bytes of the address that it says it has bound, after its type. */
  readonly bound?: readonly number[];
}

/** A SOCKS5 proxy (RFC 1928). Wherever it is asked to connect to, it goes to that port of this host. */
export async function startSocksServer({ login, reply = 0, bound = [1, 0, 0, 0, 0, 0, 0] }: SocksServerOptions = {}) {
  const asked: string[] = [];
  const server = await startTcpServer((socket) => void serve(socket).catch(() => socket.destroy()));

  async function serve(socket: Socket): Promise<void> {
    const take = reader(socket);
    if (!(await greet(socket, take, login))) return;
    const [, , , type] = await take(4);
    const host = type === 3 ? await takeText(take, 0) : (await take(type === 1 ? 4 : 16)).toString("hex");
    const port = (await take(2)).readUInt16BE();
    asked.push(`${login === undefined ? "" : `${login.user} `}${host} ${type === 3 ? port : "port"}`);
    if (reply !== 0) return void socket.end(Buffer.of(5, reply, 0, ...bound));
    const onward = connect(port, "127.0.0.1", () => {
      socket.write(Buffer.of(5, 0, 0, ...bound));
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  }

  return { ...server, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Whether the client may go on. */
async function greet(socket: Socket, take: Take, login: SocksServerOptions["login"]): Promise<boolean> {
  const [, count = 0] = await take(2);
  const methods = [...(await take(count))];
  const method = login === undefined ? 0 : 2;
  if (!methods.includes(method)) return refuse(socket, 5, 0xff);
  socket.write(Buffer.of(5, method));
  if (login === undefined) return true;
  const user = await takeText(take, 1);
  const password = await takeText(take, 0);
  if (user !== login.user || password !== login.password) return refuse(socket, 1, 1);
  // In two pieces, to be put together again.
  socket.write(Buffer.of(1));
  setImmediate(() => socket.write(Buffer.of(0)));
  return true;
}

function refuse(socket: Socket, ...words: number[]): boolean {
  socket.end(Buffer.from(words));
  return false;
}

type Take = (length: number) => Promise<Buffer>;

async function takeText(take: Take, before: number): Promise<string> {
  const head = await take(before + 1);
  return (await take(head[before] ?? 0)).toString();
}

/** Reads exactly so many bytes; fails when the client goes. */
function reader(socket: Socket): Take {
  let held = Buffer.alloc(0);
  let more = Promise.withResolvers<void>();
  const keep = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    more.resolve();
    more = Promise.withResolvers();
  };
  socket.on("data", keep);
  socket.once("close", () => {
    more.promise.catch(() => {});
    more.reject(new Error("the client has gone"));
  });
  return async (length) => {
    while (held.length < length) await more.promise;
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
}
