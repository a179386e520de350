import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { HttpClient } from "../../src/lib/http-client.ts";
import type { OAuth2Options } from "../../src/lib/oauth2.ts";
import { Secret } from "../../src/lib/secret.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const clients: HttpClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const clock = new FakeClock();
const never = new AbortController().signal;

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

const token = (fields: object): Answer => ({ body: JSON.stringify(fields) });

/** A server of tokens that notes who asks with which parameters, and one that answers with the authorization it got. */
async function start(answer: (count: number, authorization: string | undefined) => Answer | undefined) {
  const asked: string[] = [];
  const tokens = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { authorization } = request.headers;
      const { status = 200, type = "application/json", body } = answer(asked.length, authorization) ?? {};
      asked.push(`${authorization ?? "-"} ${Buffer.concat(chunks).toString()}`);
      if (body !== undefined) response.writeHead(status, { "Content-Type": type }).end(body);
    });
  });
  const server = await startHttpServer((request, response) => response.end(request.headers.authorization));
  return {
    asked,
    client(options: Partial<OAuth2Options> = {}) {
      const oauth2 = {
        clientId: "me",
        clientSecret: new Secret("canary"),
        tokenUrl: tokens.url,
        ...defaults,
        ...options,
      };
      const client = new HttpClient({ followRedirects: true, userAgent: "sonde/test", oauth2 }, { clock });
      clients.push(client);
      return async (signal: AbortSignal = never, url = server.url) => {
        const response = await client.request({ method: "GET", url: new URL(url), signal });
        return Buffer.from(await response.read(1000)).toString();
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tokens.close(), server.close()]);
    },
  };
}

const defaults = { scopes: [], endpointParams: {} };
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const failure = (promise: Promise<unknown>) => promise.then(String, (error: Error) => error.message);

test("a token is asked for with the client's credentials, its scopes and parameters", async () => {
  await using servers = await start(() => token({ access_token: "t", token_type: "bearer" }));
  const get = servers.client({ clientId: "m:e", scopes: ["a", "b"], endpointParams: { audience: "x y" } });
  expect(await get()).toBe("Bearer t");
  expect(servers.asked).toEqual([`${basic("m%3Ae:canary")} grant_type=client_credentials&scope=a+b&audience=x+y`]);
});

test("a token is kept until ten seconds before it expires", async () => {
  await using servers = await start((count) => token({ access_token: `t${count}`, expires_in: 60 }));
  const get = servers.client();
  expect([await get(), await get()]).toEqual(["Bearer t0", "Bearer t0"]);
  await clock.advance(49_999);
  expect(await get()).toBe("Bearer t0");
  await clock.advance(1);
  expect(await get()).toBe("Bearer t1");
});

test("a token without an end is kept", async () => {
  await using servers = await start((count) => token({ access_token: `t${count}` }));
  const get = servers.client();
  await get();
  await clock.advance(1e9);
  expect(await get()).toBe("Bearer t0");
});

test("all who wait share one request, and one that gives up takes nobody along", async () => {
  await using servers = await start((count) => token({ access_token: `t${count}` }));
  const get = servers.client();
  const impatient = new AbortController();
  const all = [get(impatient.signal), get(), get()].map(failure);
  impatient.abort(new Error("no answer within 10s"));
  expect(await Promise.all(all)).toEqual(["no answer within 10s", "Bearer t0", "Bearer t0"]);
  expect(servers.asked.length).toBe(1);
});

test("credentials go into the body where the server does not take them in the header", async () => {
  await using servers = await start((count, authorization) =>
    authorization === undefined
      ? token({ access_token: `t${count}`, expires_in: 11 })
      : { status: 401, body: JSON.stringify({ error: "invalid_client" }) },
  );
  const get = servers.client();
  expect(await get()).toBe("Bearer t1");
  await clock.advance(1000);
  expect(await get()).toBe("Bearer t2");
  const inBody = "- grant_type=client_credentials&client_id=me&client_secret=canary";
  expect(servers.asked).toEqual([`${basic("me:canary")} grant_type=client_credentials`, inBody, inBody]);
});

test("another secret in the file means another token", async () => {
  using dir = tempDir();
  const clientSecretFile = join(dir.path, "secret");
  await using servers = await start((_, authorization) => token({ access_token: authorization?.slice(6) }));
  const get = servers.client({ clientSecretFile });
  writeFileSync(clientSecretFile, "one\n");
  expect(await get()).toBe(`Bearer ${basic("me:one").slice(6)}`);
  writeFileSync(clientSecretFile, "two");
  expect(await get()).toBe(`Bearer ${basic("me:two").slice(6)}`);
});

test("a form is an answer too, and the type of the token is spelled as registered", async () => {
  await using servers = await start(() => ({
    type: "application/x-www-form-urlencoded; charset=utf-8",
    body: "access_token=t&token_type=mac&expires_in=60",
  }));
  expect(await servers.client()()).toBe("MAC t");
});

test("a token is for the configured server only", async () => {
  await using servers = await start(() => token({ access_token: "t" }));
  await using other = await startHttpServer((request, response) =>
    response.end(`got ${request.headers.authorization}`),
  );
  await using first = await startHttpServer((_, response) => response.writeHead(307, { Location: other.url }).end());
  expect(await servers.client()(never, first.url)).toBe("got undefined");
});

test("a failure is one line without secrets, and the next request tries again", async () => {
  const f = async (answer: Answer, want: string) => {
    await using servers = await start((count) => (count < 2 ? answer : token({ access_token: "t" })));
    const get = servers.client();
    expect(await failure(get())).toBe(`cannot get a token for oauth2: ${want}`);
    if (answer.status === undefined) await failure(get());
    expect(await get()).toBe("Bearer t");
  };
  await f(
    { status: 400, body: '{"error":"invalid_scope","error_description":"canary"}' },
    "HTTP status 400, invalid_scope",
  );
  await f({ status: 500, body: "canary" }, "HTTP status 500");
  await f({ body: "canary" }, "the answer is not JSON");
  await f({ body: '{"token":"canary"}' }, "the answer holds no access_token");
  await f({ body: "x".repeat(1024 * 1024 + 1) }, "the answer is too long");
});

test("a server of tokens that is not there, or does not answer, is named", async () => {
  await using servers = await start(() => undefined);
  const port = await freePort();
  expect(await failure(servers.client({ tokenUrl: `http://127.0.0.1:${port}/` })())).toBe(
    `cannot get a token for oauth2: connection refused by 127.0.0.1:${port}`,
  );
  const waiting = failure(servers.client()());
  await clock.advance(1);
  await clock.advance(30_000);
  expect(await waiting).toBe("cannot get a token for oauth2: no answer within 30s");
});
