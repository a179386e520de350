import type { LookupFunction, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { opaqueBlocks } from "../../../src/engines/push/block-codec.ts";
import { Delivery } from "../../../src/engines/push/delivery.ts";
import { type Outcome, PushClient } from "../../../src/engines/push/push-client.ts";
import { type BlockSource, Sender } from "../../../src/engines/push/sender.ts";
import { HttpClient, type HttpClientOptions } from "../../../src/lib/http-client.ts";
import { makeCertificate, makeExpiredCertificate } from "../../support/certificate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { freePort, startHttpServer } from "../../support/http-server.ts";
import { startTcpServer } from "../../support/tcp-server.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

/** Sends one block to `url` until it is delivered or rejected, and tells what came of each attempt. */
function delivering(url: string, { tls, lookup }: { tls?: HttpClientOptions["tls"]; lookup?: LookupFunction } = {}) {
  const clock = new FakeClock();
  const outcomes: Outcome[] = [];
  const rejected: string[] = [];
  const options = { followRedirects: true, userAgent: "sonde/test", ...(tls !== undefined && { tls }) };
  const client = new HttpClient(options, { clock, random: () => 0.5, ...(lookup !== undefined && { lookup }) });
  const pushClient = new PushClient({ client, url: new URL(url), headers: {}, timeoutMs: 1000, clock });
  const delivery = new Delivery({
    codec: opaqueBlocks,
    push: (request, retry, stop) => pushClient.push(request, retry, stop),
    onAttempt: (outcome) => outcomes.push(outcome),
    onRejected: (_, { reason }) => rejected.push(reason),
    onClientError: "park",
    clock,
  });
  const source = oneBlock();
  const sender = new Sender({
    source,
    push: (block, retry, stop) => delivery.attempt(block, retry, stop),
    minBackoffMs: 100,
    maxBackoffMs: 100,
    clock,
    random: () => 0.5,
  });
  const giveUp = new AbortController();
  const never = new AbortController().signal;
  const ended = sender.run({ drain: never, retire: never, giveUp: giveUp.signal });
  return {
    clock,
    outcomes,
    rejected,
    isAcknowledged: () => source.isAcknowledged(),
    /** Resolves with what the attempt of this number came to. */
    async attempt(number: number): Promise<Outcome> {
      await turnsUntil(() => outcomes.length >= number);
      return outcomes[number - 1]!;
    },
    async [Symbol.asyncDispose]() {
      giveUp.abort();
      await ended;
      await client.close();
    },
  };
}

function oneBlock(): BlockSource & { isAcknowledged(): boolean } {
  let isAcknowledged = false;
  const block = { sequence: 1, payload: new Uint8Array(200_000), records: 1, maxTimestamp: 0 };
  return {
    async peek(stop) {
      if (isAcknowledged) await new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }));
      return isAcknowledged ? undefined : block;
    },
    ack: () => {
      isAcknowledged = true;
    },
    isAcknowledged: () => isAcknowledged,
  };
}

/** Speaks for itself on each connection, the first, the second, … and the last one again. */
function connections(...behaviours: ((socket: Socket) => void)[]) {
  return startTcpServer((socket) => {
    const behave = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
    behave?.(socket);
  });
}

const taking = (socket: Socket) => {
  socket.resume().once("data", () => socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
};

describe("the block is sent again, and nothing is lost, when a receiver", () => {
  test("takes the connection and says nothing", async () => {
    await using server = await connections((socket) => socket.resume(), taking);
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    await d.clock.advance(0);
    await turnsUntil(() => d.clock.pending > 0);
    await d.clock.advance(1000);
    expect(await d.attempt(1)).toEqual({ kind: "retry", reason: "no answer within 1s" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("resets the connection in the middle of the body", async () => {
    await using server = await connections((socket) => socket.once("data", () => socket.resetAndDestroy()), taking);
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    expect(await d.attempt(1)).toMatchObject({ kind: "retry" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("closes the connection before it has answered", async () => {
    await using server = await connections((socket) => socket.once("data", () => socket.end()), taking);
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    expect(await d.attempt(1)).toMatchObject({ kind: "retry" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("answers byte by byte, and so slowly that the time is over", async () => {
    const slow = (socket: Socket) => {
      const answer = [..."HTTP/1.1 204 No Content\r\n"];
      socket.resume();
      const drip = () => {
        const byte = answer.shift();
        if (byte === undefined || socket.destroyed) return;
        socket.write(byte, () => setImmediate(drip));
      };
      socket.once("data", drip);
    };
    await using server = await connections(slow, taking);
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    await turnsUntil(() => d.clock.pending > 0);
    await d.clock.advance(1000);
    expect(await d.attempt(1)).toEqual({ kind: "retry", reason: "no answer within 1s" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("answers with something that is no HTTP", async () => {
    await using server = await connections(
      (socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH\r\n")),
      taking,
    );
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    expect(await d.attempt(1)).toMatchObject({ kind: "retry" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("never ends what it has to say about an error", async () => {
    const endless = (socket: Socket) => {
      socket.resume().once("data", () => {
        socket.write("HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n");
        const more = () => {
          if (!socket.destroyed) socket.write(`1000\r\n${"x".repeat(4096)}\r\n`, () => setImmediate(more));
        };
        more();
      });
    };
    await using server = await connections(endless, taking);
    await using d = delivering(`http://127.0.0.1:${server.port}/`);
    expect(await d.attempt(1)).toEqual({ kind: "retry", status: 500, reason: "HTTP 500" });
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });

  test("shows a certificate that is not right, as long as it does", async () => {
    using dir = tempDir();
    const { cert, key, certFile } = makeCertificate(dir.path);
    const expired = makeExpiredCertificate(dir.path);
    const port = await freePort();
    const tls = { caFile: certFile };
    await using d = delivering(`https://127.0.0.1:${port}/`, { tls });
    {
      await using _ = await startHttpServer(
        (request, response) => void request.resume().on("end", () => response.end()),
        {
          port,
          tls: { cert: expired.cert, key: expired.key },
        },
      );
      await d.attempt(1);
      await d.clock.advance(200);
      expect(await d.attempt(2)).toMatchObject({ kind: "retry" });
    }
    await using _ = await startHttpServer(
      (request, response) => void request.resume().on("end", () => response.end()),
      {
        port,
        tls: { cert, key },
      },
    );
    await turnsUntil(d.isAcknowledged, d.clock);
  });

  test("has no address, until it has one", async () => {
    await using server = await startHttpServer(
      (request, response) => void request.resume().on("end", () => response.end()),
    );
    let known = false;
    const lookup: LookupFunction = (name, options, callback) => {
      if (!known)
        return callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }), "", 4);
      if (options.all) return callback(null, [{ address: "127.0.0.1", family: 4 }]);
      return callback(null, "127.0.0.1", 4);
    };
    await using d = delivering(`http://metrics.test:${server.port}/`, { lookup });
    expect(await d.attempt(1)).toMatchObject({ kind: "retry" });
    known = true;
    await d.clock.advance(200);
    await turnsUntil(d.isAcknowledged);
  });
});

test("every status code there is ends in a delivery, a rejection, a retry or a park, and none in silence", async () => {
  let status = 0;
  await using server = await startHttpServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status).end());
  });
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
  const clock = new FakeClock();
  const pushClient = new PushClient({ client, url: new URL(server.url), headers: {}, timeoutMs: 1000, clock });
  const request = { payload: Uint8Array.of(1), records: 1, maxTimestamp: 0, headers: {} };
  const kinds: Record<string, number[]> = {};
  for (status = 200; status < 600; status++) {
    const { kind } = await pushClient.push(request, 0, new AbortController().signal);
    kinds[kind] = [...(kinds[kind] ?? []), status];
  }
  await client.close();
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
  const parked = [401, 402, 403, 404, 405, 407];
  expect(kinds).toEqual({
    delivered: range(200, 300),
    park: [...range(300, 400), ...parked],
    retry: [408, 429, ...range(500, 600)],
    reject: range(400, 500).filter((code) => ![...parked, 408, 429].includes(code)),
  });
});
