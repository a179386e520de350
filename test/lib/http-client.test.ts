import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { HttpClient, type HttpClientOptions } from "../../src/lib/http-client.ts";
import { BodyTooLargeError } from "../../src/lib/http-message.ts";
import { Secret } from "../../src/lib/secret.ts";
import { makeCertificate } from "../support/certificate.ts";
import { freePort, type Handler, startHttpServer } from "../support/http-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function newClient(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test", ...options });
  clients.push(client);
  return client;
}

const never = new AbortController().signal;

async function get(client: HttpClient, url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await client.request({ method: "GET", url: new URL(url), headers, signal: never });
  return `${response.status} ${Buffer.from(await response.read(1000)).toString()}`;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no failure",
    (error: Error) => error.message,
  );
}

/** Answers with the request's line and the headers that a client chose to send. */
function echo(request: IncomingMessage): string {
  const { host: _, connection: __, ...headers } = request.headers;
  return `${request.method} ${request.url} ${JSON.stringify(headers)}`;
}

const echoHandler: Handler = (request, response) => response.end(echo(request));

describe("a request", () => {
  test("brings the path, the query, its own headers and the client's", async () => {
    await using server = await startHttpServer(echoHandler);
    const client = newClient({ headers: { "X-Scope-OrgID": "a", "X-Two": ["1", new Secret("2")] } });
    expect(await get(client, `${server.url}/a/b?c=d`, { Accept: "text/plain" })).toBe(
      '200 GET /a/b?c=d {"user-agent":"sonde/test","accept":"text/plain","x-scope-orgid":"a","x-two":"1, 2"}',
    );
  });

  test("posts its bytes", async () => {
    await using server = await startHttpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => response.writeHead(204, { "X-Got": Buffer.concat(chunks).toString("hex") }).end());
    });
    const response = await newClient().request({
      method: "POST",
      url: new URL(server.url),
      body: Uint8Array.of(1, 2, 255),
      signal: never,
    });
    await response.discard();
    expect([response.status, response.header("x-got"), response.header("nothing")]).toEqual([204, "0102ff", undefined]);
  });

  test("uses a connection again", async () => {
    await using server = await startHttpServer(echoHandler);
    const client = newClient();
    for (let count = 0; count < 3; count++) {
      await get(client, server.url);
      // One turn of the event loop, for the connection to be given back.
      await turnOfEventLoop();
    }
    expect(server.connections()).toBe(1);
  });

  test("is sent once more when the kept connection turns out to be closed", async () => {
    let requests = 0;
    await using server = await startHttpServer((request, response) => {
      if (++requests === 2) request.socket.destroy();
      else response.end("fine");
    });
    const client = newClient();
    await get(client, server.url);
    await turnOfEventLoop();
    expect([await get(client, server.url), requests]).toEqual(["200 fine", 3]);
  });

  test("rejects with the reason of its signal, before and after the headers", async () => {
    await using server = await startHttpServer((request, response) => {
      if (request.url === "/body") response.write("the first part");
    });
    const client = newClient();
    const timeout = new Error("no answer within 10s");

    const early = new AbortController();
    const answer = client.request({ method: "GET", url: new URL(server.url), signal: early.signal });
    early.abort(timeout);
    expect(await failure(answer)).toBe("no answer within 10s");

    const late = new AbortController();
    const response = await client.request({ method: "GET", url: new URL(`${server.url}/body`), signal: late.signal });
    const body = response.read(1000);
    late.abort(timeout);
    expect(await failure(body)).toBe("no answer within 10s");
  });
});

describe("a body", () => {
  test("is read up to the limit and no further", async () => {
    await using server = await startHttpServer((_, response) => response.end("x".repeat(100_000)));
    const client = newClient();
    const ask = () => client.request({ method: "GET", url: new URL(server.url), signal: never });
    expect((await (await ask()).read(100_000)).length).toBe(100_000);
    await expect((await ask()).read(99_999)).rejects.toBeInstanceOf(BodyTooLargeError);
  });

  test("that ends too early is an error", async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(200, { "Content-Length": "10" }).write("part");
      setImmediate(() => response.destroy());
    });
    expect(await failure(get(newClient(), server.url))).toBe(`connection closed by ${new URL(server.url).host}`);
  });

  test("can be discarded, whatever its length", async () => {
    await using server = await startHttpServer((_, response) => response.end("x".repeat(1_000_000)));
    const response = await newClient().request({ method: "GET", url: new URL(server.url), signal: never });
    await response.discard();
  });
});

describe("redirects", () => {
  test("are followed five times", async () => {
    await using server = await startHttpServer((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("arrived");
      else response.writeHead(302, { Location: `/${left - 1}` }).end();
    });
    expect(await get(newClient(), `${server.url}/5`)).toBe("200 arrived");
    expect(await failure(get(newClient(), `${server.url}/6`))).toBe(
      `${new URL(server.url).host} redirects more than 5 times`,
    );
  });

  test("take no credentials and no configured headers to another origin", async () => {
    await using other = await startHttpServer(echoHandler);
    await using server = await startHttpServer((request, response) => {
      if (request.url === "/near") response.writeHead(307, { Location: "/echo" }).end();
      else if (request.url === "/far") response.writeHead(307, { Location: `${other.url}/echo` }).end();
      else response.end(echo(request));
    });
    const client = newClient({
      authorization: { type: "Bearer", credentials: new Secret("token") },
      headers: { "X-Tenant": "a" },
    });
    expect(await get(client, `${server.url}/near`)).toBe(
      '200 GET /echo {"user-agent":"sonde/test","x-tenant":"a","authorization":"Bearer token"}',
    );
    expect(await get(client, `${server.url}/far`, { Accept: "*/*" })).toBe(
      '200 GET /echo {"user-agent":"sonde/test","accept":"*/*"}',
    );
  });

  test("are answers when they are not to be followed", async () => {
    await using server = await startHttpServer((_, response) => response.writeHead(302, { Location: "/" }).end());
    expect(await get(newClient({ followRedirects: false }), server.url)).toBe("302 ");
  });

  test("are followed by a POST at the same origin, and only by 307 and 308", async () => {
    await using other = await startHttpServer((_, response) => response.writeHead(204).end());
    await using server = await startHttpServer((request, response) => {
      const [, status, to] = request.url?.split("-") ?? [];
      if (status === undefined) response.writeHead(request.method === "POST" ? 204 : 405).end();
      else response.writeHead(Number(status), { Location: to === "far" ? other.url : "/end" }).end();
    });
    const post = async (path: string) => {
      const response = await newClient().request({
        method: "POST",
        url: new URL(path, server.url),
        body: Uint8Array.of(1),
        signal: never,
      });
      return response.status;
    };
    expect(await post("/from-302-near")).toBe(302);
    expect(await post("/from-307-near")).toBe(204);
    expect(await post("/from-308-near")).toBe(204);
    expect(await post("/from-308-far")).toBe(308);
  });

  test("lead to HTTP addresses only", async () => {
    await using server = await startHttpServer((_, response) =>
      response.writeHead(302, { Location: "file:///x" }).end(Buffer.alloc(1_000_000)),
    );
    expect(await failure(get(newClient(), server.url))).toBe(
      `${new URL(server.url).host} redirects to something that is not an HTTP address`,
    );
  });
});

describe("credentials", () => {
  async function sent(options: Partial<HttpClientOptions>, change = (url: string) => url): Promise<string> {
    await using server = await startHttpServer((request, response) => response.end(request.headers.authorization));
    return await get(newClient(options), change(server.url));
  }

  test("are the user and the password", async () => {
    const basicAuth = { username: "ädmin", password: new Secret("pass:word") };
    expect(await sent({ basicAuth })).toBe(`200 Basic ${Buffer.from("ädmin:pass:word").toString("base64")}`);
  });

  test("are those in the URL where there are no others", async () => {
    const inUrl = (url: string) => url.replace("http://", "http://me:se%20cret@");
    expect(await sent({}, inUrl)).toBe(`200 Basic ${Buffer.from("me:se cret").toString("base64")}`);
    const authorization = { type: "Token", credentials: new Secret("abc") };
    expect(await sent({ authorization }, inUrl)).toBe("200 Token abc");
  });

  test("from a file are read for every request and trimmed", async () => {
    using dir = tempDir();
    const file = join(dir.path, "token");
    await using server = await startHttpServer((request, response) => response.end(request.headers.authorization));
    const client = newClient({ authorization: { type: "Bearer", credentialsFile: file } });
    writeFileSync(file, " one\n");
    expect(await get(client, server.url)).toBe("200 Bearer one");
    writeFileSync(file, "two");
    expect(await get(client, server.url)).toBe("200 Bearer two");
  });

  test("that cannot be read fail the request", async () => {
    const client = newClient({ basicAuth: { username: "a", passwordFile: "/nowhere/password" } });
    expect(await failure(get(client, "http://127.0.0.1:9"))).toBe(
      "cannot read the file of password_file: ENOENT: no such file or directory, open '/nowhere/password'",
    );
  });

  test("never show in an error", async () => {
    const client = newClient({
      basicAuth: { username: "a", password: new Secret("canary\n") },
      headers: { X: "canary\n" },
    });
    const port = await freePort();
    expect(await failure(get(client, `http://me:canary@127.0.0.1:${port}/?key=canary`))).not.toContain("canary");
  });
});

describe("a failure is one readable line", () => {
  test("when nothing listens", async () => {
    const port = await freePort();
    expect(await failure(get(newClient(), `http://127.0.0.1:${port}`))).toBe(`connection refused by 127.0.0.1:${port}`);
    expect(await failure(get(newClient(), `http://localhost:${port}`))).toBe(`connection refused by localhost:${port}`);
  });

  test("when the name has no address", async () => {
    expect(await failure(get(newClient(), "http://nowhere.invalid/"))).toMatch(/^cannot resolve nowhere\.invalid: /);
  });

  test("when the connection is closed", async () => {
    await using server = await startHttpServer((request) => request.socket.destroy());
    expect(await failure(get(newClient(), server.url))).toBe(`connection closed by ${new URL(server.url).host}`);
  });

  test("when the server does not speak HTTP", async () => {
    await using server = await startHttpServer((request) => request.socket.end("SSH-2.0-OpenSSH\r\n\r\n"));
    expect(await failure(get(newClient(), server.url))).toMatch(/^127\.0\.0\.1:[0-9]+ does not speak HTTP: /);
  });
});

describe("TLS", () => {
  test("trusts the certificates of ca_file", async () => {
    using dir = tempDir();
    const { cert, key, certFile } = makeCertificate(dir.path);
    await using server = await startHttpServer(echoHandler, { tls: { cert, key } });
    expect(await get(newClient({ tls: { caFile: certFile } }), server.url)).toMatch(/^200 /);
    expect(await get(newClient({ tls: { insecureSkipVerify: true } }), server.url)).toMatch(/^200 /);
    expect(await failure(get(newClient(), server.url))).toBe(
      `cannot trust the certificate of ${new URL(server.url).host}: it is self-signed; set tls_config.ca_file`,
    );
  });

  test("checks the name in the certificate", async () => {
    using dir = tempDir();
    const { cert, key } = makeCertificate(dir.path);
    await using server = await startHttpServer(echoHandler, { tls: { cert, key } });
    expect(await get(newClient({ tls: { ca: cert, serverName: "sonde.test" } }), server.url)).toMatch(/^200 /);
    expect(await failure(get(newClient({ tls: { ca: cert, serverName: "other.test" } }), server.url))).toMatch(
      /^cannot trust the certificate of 127\.0\.0\.1:[0-9]+: it is not for /,
    );
  });

  test("shows its own certificate, and the new one when the file has changed", async () => {
    using dir = tempDir();
    const server = makeCertificate(dir.path);
    const [first, second] = [makeCertificate(dir.path, "first"), makeCertificate(dir.path, "second")];
    await using listening = await startHttpServer(
      (request, response) => {
        const socket = request.socket as import("node:tls").TLSSocket;
        response.end(socket.getPeerX509Certificate()?.subject);
      },
      { tls: { cert: server.cert, key: server.key, requestCert: true, rejectUnauthorized: false } },
    );
    const [certFile, keyFile] = [join(dir.path, "client.crt"), join(dir.path, "client.key")];
    const client = newClient({ tls: { ca: server.cert, certFile, keyFile } });
    const use = ({ cert, key }: typeof first) => {
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key);
    };
    use(first);
    expect(await get(client, listening.url)).toBe("200 CN=first");
    expect(await get(client, listening.url)).toBe("200 CN=first");
    expect(listening.connections()).toBe(1);
    use(second);
    expect(await get(client, listening.url)).toBe("200 CN=second");
  });

  test("says what is wrong with the files", async () => {
    const ask = (tls: HttpClientOptions["tls"] & object) => failure(get(newClient({ tls }), "https://127.0.0.1:9"));
    expect(await ask({ caFile: "/nowhere/ca" })).toBe(
      "cannot read ca_file: ENOENT: no such file or directory, open '/nowhere/ca'",
    );
    expect(await ask({ cert: "nonsense" })).toMatch(/^cannot use the certificates of tls_config: /);
  });

  test("is missed in a server that has none", async () => {
    await using server = await startHttpServer(echoHandler);
    expect(await failure(get(newClient(), server.url.replace("http:", "https:")))).toMatch(
      /^TLS handshake with 127\.0\.0\.1:[0-9]+ failed: /,
    );
  });
});
