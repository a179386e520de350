import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { HttpClient, type HttpClientOptions } from "../../src/lib/http-client.ts";
import type { Environment } from "../../src/lib/proxy.ts";
import { makeCertificate } from "../support/certificate.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { startSocksServer } from "../support/socks-server.ts";
import { startTcpServer } from "../support/tcp-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function newClient(url: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test", proxy: { url }, ...options });
  clients.push(client);
  return client;
}

async function get(client: HttpClient, url: string, signal = new AbortController().signal): Promise<string> {
  const response = await client.request({ method: "GET", url: new URL(url), signal });
  const body = Buffer.from(await response.read(1e6)).toString();
  // For the connection to be given back.
  await turnOfEventLoop();
  return `${response.status} ${body}`;
}

const failure = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message);

const big = "m 1\n".repeat(50_000);

test("requests for http go through, names unresolved and addresses in bytes, on one connection for each server", async () => {
  await using server = await startHttpServer(({ url, headers }, response) =>
    response.end(url === "/big" ? big : `${url} ${headers.host}`),
  );
  await using proxy = await startSocksServer({ bound: [3, 4, 112, 111, 114, 116, 0, 80] });
  const { port } = server;
  for (const scheme of ["socks5", "socks5h"]) {
    const client = newClient(`${scheme}://127.0.0.1:${proxy.port}`);
    expect(await get(client, `http://app.test:${port}/a?b=c`)).toBe(`200 /a?b=c app.test:${port}`);
    expect(await get(client, `http://app.test:${port}/big`)).toBe(`200 ${big}`);
    expect(await get(client, `http://10.1.2.3:${port}/`)).toBe(`200 / 10.1.2.3:${port}`);
    expect(await get(client, `http://[fd00::a:1]:${port}/`)).toBe(`200 / [fd00::a:1]:${port}`);
  }
  const asked = [`app.test ${port}`, "0a010203 port", "fd0000000000000000000000000a0001 port"];
  expect(proxy.asked).toEqual([...asked, ...asked]);
});

test("requests for https go through, with TLS to the server itself", async () => {
  using dir = tempDir();
  const certificate = makeCertificate(dir.path);
  await using server = await startHttpServer((_, response) => response.end(big), { tls: certificate });
  await using proxy = await startSocksServer({ login: { user: "me", password: "pass@word:1" } });
  const client = newClient(`socks5://me:pass%40word%3A1@127.0.0.1:${proxy.port}`, { tls: { ca: certificate.cert } });
  expect(await get(client, `https://sonde.test:${server.port}/`)).toBe(`200 ${big}`);
  expect(await get(client, `https://sonde.test:${server.port}/`)).toBe(`200 ${big}`);
  expect(proxy.asked).toEqual([`me sonde.test ${server.port}`]);
});

test("the environment may name one, too", async () => {
  await using server = await startHttpServer((_, response) => response.end("here"));
  await using proxy = await startSocksServer();
  const env: Environment = { HTTP_PROXY: `socks5://127.0.0.1:${proxy.port}` };
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test", proxy: {} }, { env });
  clients.push(client);
  expect(await get(client, `http://app.test:${server.port}/`)).toBe("200 here");
  expect(proxy.asked).toEqual([`app.test ${server.port}`]);
});

test("what a proxy refuses is told in words, without secrets", async () => {
  const login = { user: "me", password: "canary" };
  await using locked = await startSocksServer({ login });
  const told = (userinfo: string) =>
    failure(get(newClient(`socks5://${userinfo}127.0.0.1:${locked.port}`), "http://app.test/"));
  const host = `the proxy 127.0.0.1:${locked.port}`;
  expect(await told("")).toBe(`${host} wants a user and password`);
  expect(await told("me:canaries@")).toBe(`${host} refuses the user and password`);
  expect(await told(`me:${"x".repeat(256)}@`)).toBe(
    `the user or the password for the proxy 127.0.0.1:${locked.port} is longer than 255 bytes`,
  );
  for (const [reply, words] of [
    [1, "general failure"],
    [2, "its rules forbid it"],
    [5, "the connection was refused"],
    [99, "reply 99"],
  ] as const) {
    await using refusing = await startSocksServer({ reply });
    const client = newClient(`socks5://127.0.0.1:${refusing.port}`);
    expect(await failure(get(client, "https://app.test/"))).toBe(
      `the proxy 127.0.0.1:${refusing.port} gives no connection to app.test:443: ${words}`,
    );
  }
});

test("a proxy that speaks something else, ends the connection or is not there is told of as such", async () => {
  await using web = await startTcpServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n")));
  expect(await failure(get(newClient(`socks5://127.0.0.1:${web.port}`), "http://app.test/"))).toBe(
    `the proxy 127.0.0.1:${web.port} does not speak SOCKS5`,
  );
  await using mute = await startTcpServer((socket) => socket.once("data", () => socket.end()));
  expect(await failure(get(newClient(`socks5://127.0.0.1:${mute.port}`), "http://app.test/"))).toBe(
    `the proxy 127.0.0.1:${mute.port} ends the connection`,
  );
  const port = await freePort();
  expect(await failure(get(newClient(`socks5://127.0.0.1:${port}`), "http://app.test/"))).toBe(
    `connection refused by 127.0.0.1:${port}`,
  );
});

test("a proxy that says nothing is given up with the request", async () => {
  const stop = new AbortController();
  await using silent = await startTcpServer((socket) => socket.once("data", () => stop.abort(new Error("over"))));
  const client = newClient(`socks5://127.0.0.1:${silent.port}`);
  expect(await failure(get(client, "http://app.test/", stop.signal))).toBe("over");
});
