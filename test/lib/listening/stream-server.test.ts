import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { Connection } from "../../../src/lib/listening/connection.ts";
import { ListenError } from "../../../src/lib/listening/listen-error.ts";
import { type OpenStreamPort, openStreamPort } from "../../../src/lib/listening/stream-server.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { turnsUntil } from "../../support/turns-until.ts";

const address = { host: "127.0.0.1", port: 0 };
const remedy = { setting: "listen_address", suspect: "another sonde" };

async function serving(serve: (connection: Connection) => Promise<void>, port = 0) {
  const clock = new FakeClock();
  const server = await openStreamPort({
    address: { ...address, port },
    tls: undefined,
    remedy,
    maxConnections: 10,
    idleTimeoutMs: 1000,
    clock,
    serve,
    onConnections: () => {},
    onRefused: () => {},
  });
  return { server, clock };
}

async function connected({ address: { port } }: OpenStreamPort): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function text(connection: Connection): Promise<string> {
  let all = "";
  for await (const chunk of connection.chunks()) all += chunk;
  return all;
}

test("a connection gives what the client sends, and tells how it ended", async () => {
  const ends: string[] = [];
  const { server, clock } = await serving(async (connection) => {
    const all = await text(connection);
    ends.push(`${connection.peer} ${JSON.stringify(all)} ${connection.end}`);
  });
  (await connected(server)).end("all of it");
  await turnsUntil(() => ends.length === 1);

  const broken = await connected(server);
  broken.write("part", () => broken.resetAndDestroy());
  await turnsUntil(() => ends.length === 2);

  await connected(server);
  await turnsUntil(() => server.connections === 1);
  await clock.advance(1000);
  await turnsUntil(() => ends.length === 3);

  const open = await connected(server);
  open.write("x");
  await turnsUntil(() => server.connections === 1);
  await server.close();
  expect(ends.map((end) => end.replace(/"(part|x)"/, '"$1?"').replace('""', '"x?"'))).toEqual([
    '127.0.0.1 "all of it" finished',
    expect.stringMatching(/broken$/),
    '127.0.0.1 "x?" idle',
    '127.0.0.1 "x?" stopped',
  ]);
  expect(clock.pending).toBe(0);
});

test("closing lets an answer to what was read reach the client", async () => {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const { promise: isRead, resolve: onRead } = Promise.withResolvers<void>();
  const written: boolean[] = [];
  const { server } = await serving(async (connection) => {
    for await (const _ of connection.chunks()) {
      onRead();
      await mayAnswer;
      written.push(await connection.write(Buffer.from("answer")));
    }
  });
  const socket = await connected(server);
  socket.write("question");
  await isRead;
  const closed = server.close();
  answer();
  let received = "";
  for await (const chunk of socket) received += chunk;
  await closed;
  expect([received, written]).toEqual(["answer", [true]]);
});

test("closing waits no longer than a moment for a client that reads nothing", async () => {
  const { promise: isRead, resolve: onRead } = Promise.withResolvers<void>();
  const written: boolean[] = [];
  const { server, clock } = await serving(async (connection) => {
    for await (const _ of connection.chunks()) {
      onRead();
      written.push(await connection.write(Buffer.alloc(64 * 1024 * 1024)));
    }
  });
  const socket = await connected(server);
  socket.pause().write("question");
  await isRead;
  const closed = server.close();
  await clock.advance(3000);
  await closed;
  expect(written).toEqual([false]);
  socket.destroy();
});

test("what serving throws ends the port with it", async () => {
  const { server } = await serving(() => Promise.reject(new Error("BUG")));
  const socket = await connected(server);
  await expect(server.ended).rejects.toThrow("BUG");
  await server.close();
  socket.destroy();
});

test("a port that is taken is one line with the remedy", async () => {
  const { server } = await serving(text as never);
  const { port } = server.address;
  await expect(serving(text as never, port)).rejects.toThrow(
    new ListenError(
      `cannot listen on 127.0.0.1:${port}: the address is in use (is another sonde running? set listen_address)`,
    ),
  );
  await server.close();
});
