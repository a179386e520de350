import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AzureIdentity, AzureTokens } from "../../../src/lib/azure/monitor-tokens.ts";
import { HttpClient } from "../../../src/lib/http-client.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { tempDir } from "../../support/temp-dir.ts";

const never = new AbortController().signal;

/** Asks a fake of Azure, which knows one token after the other and remembers how it was asked. */
async function asking(identity: AzureIdentity, env: Record<string, string> = {}) {
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
  const tokens = new AzureTokens(
    { cloud: "AzurePublic", identity },
    { send, sendLocally: send, clock, env: { ...places, ...env } },
  );
  return {
    asked,
    answer,
    clock,
    tokens,
    get: () => tokens.get(never),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

test("a machine's own identity is asked for at the metadata service, and kept until shortly before it expires", async () => {
  await using azure = await asking({ kind: "managed_identity", clientId: "c" });
  expect(await azure.get()).toBe("token 1");
  await azure.clock.advance(3_299_000);
  expect(await azure.get()).toBe("token 1");
  await azure.clock.advance(2000);
  expect(await azure.get()).toBe("token 2");
  const resource = "resource=https%3A%2F%2Fmonitor.azure.com%2F";
  expect(azure.asked[0]).toBe(
    `GET /metadata/identity/oauth2/token?api-version=2018-02-01&${resource}&client_id=c true `,
  );
});

test("an application proves itself with its secret", async () => {
  await using azure = await asking({ kind: "oauth", tenantId: "t", clientId: "c", clientSecret: new Secret("s") });
  expect(await azure.get()).toBe("token 1");
  const scope = "scope=https%3A%2F%2Fmonitor.azure.com%2F%2F.default";
  expect(azure.asked).toEqual([
    `POST /t/oauth2/v2.0/token  grant_type=client_credentials&client_id=c&${scope}&client_secret=s`,
  ]);
});

test("a federated token is read for every token, and what the environment says counts with sdk", async () => {
  using dir = tempDir();
  const file = join(dir.path, "token");
  writeFileSync(file, "federated\n");
  const env = { AZURE_CLIENT_ID: "c", AZURE_TENANT_ID: "t", AZURE_FEDERATED_TOKEN_FILE: file };
  await using azure = await asking({ kind: "sdk" }, env);
  await azure.get();
  expect(azure.asked[0]).toContain("client_assertion=federated");
  expect(azure.asked[0]).toContain("client-assertion-type%3Ajwt-bearer");
});

test("where renewing fails, the token that still holds is used; then the refusal is told without what it repeats", async () => {
  await using azure = await asking({ kind: "managed_identity" });
  await azure.get();
  azure.answer.status = 400;
  azure.answer.body = { access_token: undefined, error: "invalid_request", error_description: "canary" };
  await azure.clock.advance(3_400_000);
  expect(await azure.get()).toBe("token 1");
  await azure.clock.advance(300_000);
  await expect(azure.get()).rejects.toThrow("cannot get a token of Azure AD: HTTP status 400, invalid_request");
});

test("a token that the receiver refuses is not used again", async () => {
  await using azure = await asking({ kind: "managed_identity" });
  expect(await azure.get()).toBe("token 1");
  azure.tokens.forget();
  expect(await azure.get()).toBe("token 2");
});
