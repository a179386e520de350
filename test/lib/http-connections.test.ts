import { type AddressInfo, createServer, type LookupFunction, type Socket } from "node:net";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { HttpClient } from "../../src/lib/http-client.ts";
import type { HttpSurroundings } from "../../src/lib/http-connections.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function newClient(surroundings: Partial<HttpSurroundings>): (url: string) => Promise<string> {
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" }, surroundings);
  clients.push(client);
  return async (url) => {
    const response = await client.request({ method: "GET", url: new URL(url), signal: new AbortController().signal });
    const body = Buffer.from(await response.read(1000)).toString();
    // For the connection to be given back.
    await turnOfEventLoop();
    return body;
  };
}

/** Resolves every name to these addresses. */
function lookupOf(addresses: () => string[]): LookupFunction {
  return (_, __, callback) =>
    (callback as (error: null, all: object[]) => void)(
      null,
      addresses().map((address) => ({ address, family: 4 })),
    );
}

test("a connection is used for five minutes, give or take a fifth", async () => {
  await using server = await startHttpServer((_, response) => response.end());
  const f = async (random: number, ageMs: number) => {
    const clock = new FakeClock();
    const get = newClient({ clock, random: () => random });
    const before = server.connections();
    await get(server.url);
    await clock.advance(ageMs - 1);
    await get(server.url);
    expect(server.connections() - before).toBe(1);
    await clock.advance(1);
    await get(server.url);
    expect(server.connections() - before).toBe(2);
  };
  await f(0, 240_000);
  await f(0.5, 300_000);
});

test("a request that is under way when its connection comes of age ends as it began", async () => {
  const arrived = Promise.withResolvers<() => void>();
  await using server = await startHttpServer((request, response) => {
    if (request.url === "/slow") arrived.resolve(() => response.end("slow"));
    else response.end("quick");
  });
  const clock = new FakeClock();
  const get = newClient({ clock });
  const slow = get(`${server.url}/slow`);
  const finish = await arrived.promise;
  await clock.advance(1_000_000);
  expect(await get(server.url)).toBe("quick");
  finish();
  expect(await slow).toBe("slow");
});

test("a name whose address has changed is looked up when the connection comes of age", async () => {
  const clock = new FakeClock();
  await using first = await startHttpServer((_, response) => response.end("first"));
  let address = "127.0.0.1";
  const get = newClient({ clock, lookup: lookupOf(() => [address]) });
  const url = `http://app.test:${first.port}/`;
  expect(await get(url)).toBe("first");
  address = "127.0.0.2";
  expect(await get(url)).toBe("first");
  await clock.advance(1_000_000);
  await expect(get(url)).rejects.toThrow(`connection refused by app.test:${first.port}`);
});

test("a name with several addresses is reached at the first that answers", async () => {
  await using server = await startHttpServer((_, response) => response.end("here"));
  const get = newClient({ lookup: lookupOf(() => ["127.0.0.2", "127.0.0.3", "127.0.0.1"]) });
  expect(await get(`http://app.test:${server.port}/`)).toBe("here");
  const port = await freePort();
  await expect(get(`http://app.test:${port}/`)).rejects.toThrow(`connection refused by app.test:${port}`);
});

test("requests at the same time have a connection each", async () => {
  await using server = await startHttpServer((_, response) => response.end("x"));
  const get = newClient({});
  expect(await Promise.all([get(server.url), get(server.url), get(server.url)])).toEqual(["x", "x", "x"]);
  expect(server.connections()).toBe(3);
});

test("closing the client ends what is under way", async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await startHttpServer(() => arrived.resolve());
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test" });
  const url = new URL(server.url);
  const request = client.request({ method: "GET", url, signal: new AbortController().signal });
  const failed = expect(request).rejects.toThrow("the client is closed");
  await arrived.promise;
  await client.close();
  await failed;
});

test("closing the client ends connections that are still being opened", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const f = async (url: string, proxy?: string) => {
    const options = {
      followRedirects: true,
      userAgent: "sonde/test",
      ...(proxy !== undefined && { proxy: { url: proxy } }),
    };
    const client = new HttpClient(options);
    const connection = new Promise<Socket>((resolve) => silent.once("connection", resolve));
    const request = client.request({ method: "GET", url: new URL(url), signal: new AbortController().signal });
    const failed = expect(request).rejects.toThrow("the client is closed");
    const socket = await connection;
    const closed = new Promise((resolve) =>
      socket
        .on("error", () => {})
        .resume()
        .once("close", resolve),
    );
    await client.close();
    await failed;
    await closed;
  };
  await f(`https://${address}/`);
  await f("https://app.test/", `http://${address}`);
  await new Promise((resolve) => silent.close(resolve));
});
