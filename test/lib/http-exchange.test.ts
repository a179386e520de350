import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { HttpClient } from "../../src/lib/http-client.ts";
import type { HttpResponse } from "../../src/lib/http-message.ts";
import { startHttpServer } from "../support/http-server.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const failure = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message);

/** A server whose answers are written by the test, and a client that asks it. */
async function start(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const sockets: Socket[] = [];
  const server = await startHttpServer((request, response) => {
    if (!sockets.includes(request.socket)) sockets.push(request.socket);
    answer(response, request);
  });
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
  clients.push(client);
  return {
    sockets,
    ask: (signal = new AbortController().signal, onHead?: (response: HttpResponse) => void): Promise<HttpResponse> =>
      client.request({ method: "GET", url: new URL(server.url), signal, ...(onHead !== undefined && { onHead }) }),
    connections: server.connections,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const big = Buffer.alloc(3_000_000, "0123456789");

async function everything(response: HttpResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await response.readInto((chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

test("a body is handed over chunk by chunk, whether it was asked for in time or late", async () => {
  await using server = await start((response) => response.end(big));
  expect((await everything(await server.ask())).equals(big)).toBe(true);
  await turnOfEventLoop();
  const late = await server.ask();
  for (let turn = 0; turn < 20; turn++) await turnOfEventLoop();
  expect((await everything(late)).equals(big)).toBe(true);
  await turnOfEventLoop();
  expect(server.connections()).toBe(1);
});

test("a body without a length and one of no bytes end too", async () => {
  await using server = await start((response, { socket }) => {
    if (server.connections() > 1) socket.end("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    else response.writeHead(204).end();
  });
  expect((await everything(await server.ask())).toString()).toBe("");
  server.sockets[0]?.destroy();
  await turnOfEventLoop();
  expect((await everything(await server.ask())).toString()).toBe("until the end");
});

test("a reader that takes its time holds up the server, not the memory", async () => {
  let written = 0;
  const chunk = big.subarray(0, 64 * 1024);
  await using server = await start((response) => {
    const more = () => {
      while (written < 2000) {
        written++;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on("drain", more);
    more();
  });
  const response = await server.ask();
  let seen = 0;
  for await (const part of response.chunks()) {
    if (seen === 0) {
      // As long as the kernel's buffers grow.
      for (let before = -1; before !== written; ) {
        before = written;
        for (let turn = 0; turn < 200; turn++) await turnOfEventLoop();
      }
      expect(written).toBeLessThan(1000);
    }
    seen += part.length;
  }
  expect(seen).toBe(2000 * chunk.length);
});

test("a reader that fails ends the connection and is told its own error", async () => {
  await using server = await start((response) => response.write(big));
  const response = await server.ask();
  const reading = response.readInto(() => {
    throw new Error("too much");
  });
  expect(await failure(reading)).toBe("too much");
  await closed(server.sockets[0]);
});

test("a body may be read from its head on, before its first byte", async () => {
  await using server = await start((response) => response.end(big));
  let reading: Promise<Buffer> | undefined;
  await server.ask(undefined, (response) => {
    reading = everything(response);
  });
  expect((await reading)?.equals(big)).toBe(true);
});

test("a connection that a reader has ended is not used again, though the whole answer has come", async () => {
  const held = Promise.withResolvers<ServerResponse>();
  let asked = 0;
  await using server = await start((response) => (asked++ === 0 ? held.resolve(response) : response.end("short")));
  // Another connection to the same server, so that there is a pool to take one from.
  const other = server.ask();
  const { promise: reading, resolve } = Promise.withResolvers<string>();
  const refuse = () => {
    throw new Error("too much");
  };
  await held.promise;
  await server.ask(undefined, (response) => resolve(failure(response.readInto(refuse))));
  expect(await reading).toBe("too much");
  expect((await everything(await server.ask())).toString()).toBe("short");
  (await held.promise).end();
  await (await other).discard();
});

test("leaving the loop over the chunks ends the connection", async () => {
  await using server = await start((response) => response.write(big));
  for await (const _ of (await server.ask()).chunks()) break;
  await closed(server.sockets[0]);
});

test("an abort ends the connection, wherever the request stands", async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  await using server = await start((response) => arrived.resolve(response));
  const early = new AbortController();
  const request = server.ask(early.signal);
  const response = await arrived.promise;
  early.abort(new Error("no answer within 10s"));
  expect(await failure(request)).toBe("no answer within 10s");
  await closed(response.socket);
  expect(await failure(server.ask(early.signal))).toBe("no answer within 10s");
});

test("an abort ends the connection of an answer that nobody reads", async () => {
  await using server = await start((response) => response.write(big));
  const late = new AbortController();
  const response = await server.ask(late.signal);
  late.abort(new Error("no answer within 10s"));
  await closed(server.sockets[0]);
  expect(await failure(response.read(1))).toBe("no answer within 10s");
});

test("discarding keeps the connection of a short body and ends that of a long one", async () => {
  const f = async (body: Buffer, hasLength: boolean, connections: number) => {
    await using server = await start((response) => {
      if (hasLength) response.writeHead(200, { "Content-Length": body.length });
      response.end(body);
    });
    await (await server.ask()).discard();
    await turnOfEventLoop();
    await (await server.ask()).discard();
    expect(server.connections()).toBe(connections);
  };
  await f(big.subarray(0, 60_000), true, 1);
  await f(big.subarray(0, 60_000), false, 1);
  await f(big, true, 2);
  await f(big, false, 2);
});

test("discarding tells nothing about what becomes of the body", async () => {
  await using server = await start((response) => {
    response.writeHead(200, { "Content-Length": "10" }).write("part");
    setImmediate(() => response.destroy());
  });
  await (await server.ask()).discard();
});

async function closed(socket: Socket | null | undefined): Promise<void> {
  if (socket && !socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
}
