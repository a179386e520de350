import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { HttpClient, type HttpClientOptions } from "../../src/lib/http-client.ts";
import { Secret } from "../../src/lib/secret.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function newClient(options: Partial<HttpClientOptions>): HttpClient {
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test", ...options });
  clients.push(client);
  return client;
}

async function get(client: HttpClient, url: string): Promise<string> {
  const signal = new AbortController().signal;
  const response = await client.request({ method: "GET", url: new URL(url), signal });
  const body = await response.read(1000);
  // For the connection to be given back.
  await turnOfEventLoop();
  return `${response.status} ${Buffer.from(body).toString()}`;
}

const failure = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message);

/** A proxy that notes what it is asked for, and opens tunnels unless it is to answer with another `status`. */
async function startProxy({ tls, status = 200 }: { tls?: Certificate; status?: number } = {}) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push([method, url, headers.host, headers["proxy-authorization"], headers["x-key"]].join(" ").trim());
  };
  const server = tls === undefined ? createHttpServer() : createHttpsServer({ cert: tls.cert, key: tls.key });
  server.on("connection", (socket) => sockets.add(socket));
  server.on("request", (request, response) => {
    note(request);
    response.end("from the proxy");
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const onward = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    port,
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("an http server behind a proxy", () => {
  test("is named to the proxy in full, over one connection for all servers", async () => {
    await using proxy = await startProxy();
    const client = newClient({ proxy: { url: `http://me:se%20cret@127.0.0.1:${proxy.port}` } });
    const authorization = `Basic ${Buffer.from("me:se cret").toString("base64")}`;
    expect(await get(client, "http://app.test/metrics?a=b")).toBe("200 from the proxy");
    expect(await get(client, "http://other.test:9100/")).toBe("200 from the proxy");
    expect(proxy.asked).toEqual([
      `GET http://app.test/metrics?a=b app.test ${authorization}`,
      `GET http://other.test:9100/ other.test:9100 ${authorization}`,
    ]);
  });

  test("may be behind an https proxy, whose certificate is checked against the proxy's name", async () => {
    using dir = tempDir();
    const certificate = makeCertificate(dir.path);
    await using proxy = await startProxy({ tls: certificate });
    const url = `https://127.0.0.1:${proxy.port}`;
    const trusting = newClient({ proxy: { url }, tls: { ca: certificate.cert } });
    expect(await get(trusting, "http://app.test/")).toBe("200 from the proxy");
    expect(await get(trusting, "http://other.test/")).toBe("200 from the proxy");
    expect(proxy.connections()).toBe(1);
    expect(await failure(get(newClient({ proxy: { url } }), "http://app.test/"))).toBe(
      `cannot trust the certificate of 127.0.0.1:${proxy.port}: it is self-signed; set tls_config.ca_file`,
    );
  });

  test("is reached directly where no_proxy says so", async () => {
    await using proxy = await startProxy();
    await using server = await startHttpServer((_, response) => response.end("directly"));
    const client = newClient({ proxy: { url: `http://127.0.0.1:${proxy.port}`, noProxy: "10.0.0.1" } });
    expect(await get(client, server.url)).toBe("200 directly");
    expect(proxy.asked).toEqual([]);
  });

  test("is reached by the proxy that the environment names", async () => {
    await using proxy = await startProxy();
    const options = { followRedirects: true, userAgent: "sonde/test", proxy: {} };
    const client = new HttpClient(options, { env: { http_proxy: `127.0.0.1:${proxy.port}` } });
    clients.push(client);
    expect(await get(client, "http://app.test/")).toBe("200 from the proxy");
  });
});

describe("an https server behind a proxy", () => {
  test("is reached through a tunnel, which is used again", async () => {
    using dir = tempDir();
    const { cert, key } = makeCertificate(dir.path);
    await using server = await startHttpServer((request, response) => response.end(JSON.stringify(request.headers)), {
      tls: { cert, key },
    });
    await using proxy = await startProxy();
    const client = newClient({
      tls: { ca: cert },
      proxy: {
        url: `http://me:secret@127.0.0.1:${proxy.port}`,
        connectHeaders: { "X-Key": [new Secret("for the proxy")] },
      },
    });
    const { host } = new URL(server.url);
    const received = `200 {"host":"${host}","user-agent":"sonde/test"}`;
    expect(await get(client, server.url)).toBe(received);
    expect(await get(client, server.url)).toBe(received);
    const authorization = `Basic ${Buffer.from("me:secret").toString("base64")}`;
    expect(proxy.asked).toEqual([`CONNECT ${host} ${host} ${authorization} for the proxy`]);
  });

  test("is reached through an https proxy as well", async () => {
    using dir = tempDir();
    const certificate = makeCertificate(dir.path);
    const { cert, key } = certificate;
    await using server = await startHttpServer((_, response) => response.end("hello"), { tls: { cert, key } });
    await using proxy = await startProxy({ tls: certificate });
    const client = newClient({ tls: { ca: cert }, proxy: { url: `https://127.0.0.1:${proxy.port}` } });
    expect(await get(client, server.url)).toBe("200 hello");
  });

  test("fails with what the proxy says, or with what is wrong with it", async () => {
    await using proxy = await startProxy({ status: 407 });
    const through = (port: number) => newClient({ proxy: { url: `http://me:canary@127.0.0.1:${port}` } });
    expect(await failure(get(through(proxy.port), "https://app.test/"))).toBe(
      `the proxy 127.0.0.1:${proxy.port} refuses a tunnel to app.test:443 with HTTP status 407`,
    );
    const nobody = await freePort();
    expect(await failure(get(through(nobody), "https://app.test/"))).toBe(`connection refused by 127.0.0.1:${nobody}`);
    await using closing = await startHttpServer(() => {});
    expect(await failure(get(through(closing.port), "https://app.test/"))).toBe(
      `the proxy 127.0.0.1:${closing.port} gives no proper answer to the request for a tunnel`,
    );
  });
});
