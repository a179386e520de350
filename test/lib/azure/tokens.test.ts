import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { azureClouds } from "../../../src/lib/azure/clouds.ts";
import { type AzureTokenOptions, AzureTokens } from "../../../src/lib/azure/tokens.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

const never = new AbortController().signal;

/** Asks a fake of Azure, which knows one token after the other and remembers how it was asked. */
async function asking(
  identity: AzureTokenOptions["identity"],
  env: Record<string, string> = {},
  more: Partial<AzureTokenOptions> = {},
) {
  const asked: string[] = [];
  const answer = { status: 200, body: {} as object };
  const server = await startHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${request.headers.metadata ?? ""} ${Buffer.concat(chunks)}`);
      const token = { access_token: `token ${asked.length}`, expires_in: "3600", ...answer.body };
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(token));
    });
  });
  const clock = new FakeClock();
  const client = new HttpClient({ followRedirects: false, userAgent: "sonde/test" });
  const send = client.request.bind(client);
  const places = { AZURE_AUTHORITY_HOST: server.url, AZURE_POD_IDENTITY_AUTHORITY_HOST: server.url };
  const { login, monitorAudience: audience } = azureClouds.public;
  const tokens = new AzureTokens(
    { identity, login, audience, ...more },
    { send, sendLocally: send, clock, env: { ...places, ...env } },
  );
  return {
    asked,
    answer,
    clock,
    tokens,
    get: () => tokens.authorization(never),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

test("a machine's own identity is asked for at the metadata service, and kept until shortly before it expires", async () => {
  await using azure = await asking({ kind: "managed", clientId: "c" });
  expect(await azure.get()).toBe("Bearer token 1");
  await azure.clock.advance(3_299_000);
  expect(await azure.get()).toBe("Bearer token 1");
  await azure.clock.advance(2000);
  expect(await azure.get()).toBe("Bearer token 2");
  const resource = "resource=https%3A%2F%2Fmonitor.azure.com%2F";
  expect(azure.asked[0]).toBe(
    `GET /metadata/identity/oauth2/token?api-version=2018-02-01&${resource}&client_id=c true `,
  );
});

test("an application proves itself with its secret", async () => {
  await using azure = await asking({ kind: "secret", tenantId: "t", clientId: "c", clientSecret: new Secret("s") });
  expect(await azure.get()).toBe("Bearer token 1");
  const scope = "scope=https%3A%2F%2Fmonitor.azure.com%2F%2F.default";
  expect(azure.asked).toEqual([
    `POST /t/oauth2/v2.0/token  grant_type=client_credentials&client_id=c&${scope}&client_secret=s`,
  ]);
});

test("a federated token is read for every token, and what the environment says counts", async () => {
  using dir = tempDir();
  const file = join(dir.path, "token");
  writeFileSync(file, "federated\n");
  const env = { AZURE_CLIENT_ID: "c", AZURE_TENANT_ID: "t", AZURE_FEDERATED_TOKEN_FILE: file };
  await using azure = await asking({ kind: "environment", tenantId: "other" }, env);
  await azure.get();
  expect(azure.asked[0]).toMatch(/^POST \/other\/oauth2.*client_assertion=federated$/);
  expect(azure.asked[0]).toContain("client-assertion-type%3Ajwt-bearer");
});

test("where renewing fails, the token that still holds is used; then the refusal is told without what it repeats", async () => {
  await using azure = await asking({ kind: "managed" });
  await azure.get();
  azure.answer.status = 400;
  azure.answer.body = { access_token: undefined, error: "invalid_request", error_description: "canary" };
  await azure.clock.advance(3_400_000);
  expect(await azure.get()).toBe("Bearer token 1");
  await azure.clock.advance(300_000);
  await expect(azure.get()).rejects.toThrow("cannot get a token of Azure: HTTP status 400, invalid_request");
});

test("a token that the receiver refuses is not used again", async () => {
  await using azure = await asking({ kind: "managed" });
  expect(await azure.get()).toBe("Bearer token 1");
  azure.tokens.forget();
  expect(await azure.get()).toBe("Bearer token 2");
});

test("a token that the receiver refuses is not used again where renewing fails either", async () => {
  await using azure = await asking({ kind: "managed" });
  await azure.get();
  azure.tokens.forget();
  azure.answer.status = 500;
  await expect(azure.get()).rejects.toThrow("cannot get a token of Azure: HTTP status 500");
});

test("a scope takes the place of the audience, and the metadata service is asked for what it is of", async () => {
  const scope = "https://other/.default";
  const secret = { kind: "secret", tenantId: "t", clientId: "c", clientSecret: new Secret("s") } as const;
  await using application = await asking(secret, {}, { scope });
  await application.get();
  expect(application.asked[0]).toContain("&scope=https%3A%2F%2Fother%2F.default&");
  await using machine = await asking({ kind: "managed" }, {}, { scope });
  await machine.get();
  expect(machine.asked[0]).toContain("&resource=https%3A%2F%2Fother ");
});

test("a token that does not say how long it lives is kept for half of five minutes", async () => {
  await using azure = await asking({ kind: "managed" });
  azure.answer.body = { expires_in: undefined };
  await azure.get();
  await azure.clock.advance(149_999);
  expect(await azure.get()).toBe("Bearer token 1");
  await azure.clock.advance(1);
  expect(await azure.get()).toBe("Bearer token 2");
});

test("an App Service says when a token ends, and is asked at its own endpoint", async () => {
  const server = await startHttpServer((_, response) => response.end('{"access_token":"of the app","expires_on":"0"}'));
  const env = { IDENTITY_ENDPOINT: `${server.url}/msi/token`, IDENTITY_HEADER: "secret" };
  await using azure = await asking({ kind: "managed" }, env);
  expect(await azure.get()).toBe("Bearer of the app");
  await server.close();
});

test("a token that tells its end is kept until five minutes before", async () => {
  await using azure = await asking({ kind: "managed" });
  azure.answer.body = { expires_in: undefined, expires_on: String(azure.clock.now() / 1000 + 3600) };
  await azure.get();
  await azure.clock.advance(3_299_000);
  expect(await azure.get()).toBe("Bearer token 1");
  await azure.clock.advance(2000);
  expect(await azure.get()).toBe("Bearer token 2");
});

test("a variable of the environment that is no URL is named", async () => {
  await using azure = await asking({ kind: "managed" }, { AZURE_POD_IDENTITY_AUTHORITY_HOST: "not a url" });
  await expect(azure.get()).rejects.toThrow(
    'cannot get a token of Azure: AZURE_POD_IDENTITY_AUTHORITY_HOST is no URL: "not a url"',
  );
});
