import { expect, test } from "vitest";
import { z } from "zod";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../../src/config/fields/http-client.ts";
import { Secret } from "../../../src/lib/secret.ts";
import { version } from "../../../src/lib/version.ts";

const schema = z.strictObject(httpClientFields).superRefine(checkHttpClient);

function options(config: object) {
  const { userAgent, followRedirects, ...rest } = httpClientOptions(schema.parse(config), "/etc/sonde");
  expect(userAgent).toBe(`sonde/${version}`);
  return followRedirects ? rest : { ...rest, followRedirects };
}

function problems(config: object): string[] {
  const { error } = schema.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test("nothing set is nothing sent", () => {
  expect(options({})).toEqual({});
  expect(options({ follow_redirects: false })).toEqual({ followRedirects: false });
});

test("files stand beside the config", () => {
  expect(options({ basic_auth: { username: "a", password_file: "secrets/password" } })).toEqual({
    basicAuth: { username: "a", passwordFile: "/etc/sonde/secrets/password" },
  });
  expect(options({ tls_config: { ca_file: "../ca.crt", cert_file: "a.crt", key_file: "/k/a.key" } })).toEqual({
    tls: { caFile: "/etc/ca.crt", certFile: "/etc/sonde/a.crt", keyFile: "/k/a.key", insecureSkipVerify: false },
  });
});

test("bearer_token is short for authorization", () => {
  const token = new Secret("x");
  expect(options({ bearer_token_file: "t" })).toEqual({
    authorization: { type: "Bearer", credentialsFile: "/etc/sonde/t" },
  });
  expect(options({ bearer_token: "x" })).toEqual({ authorization: { type: "Bearer", credentials: token } });
  expect(options({ authorization: { type: " Token ", credentials: "x" } })).toEqual({
    authorization: { type: "Token", credentials: token },
  });
});

test("a header has values, secrets and files", () => {
  expect(options({ http_headers: { "X-A": { values: ["1"], secrets: ["2"], files: ["3"] } } })).toEqual({
    headers: { "X-A": ["1", new Secret("2"), { file: "/etc/sonde/3" }] },
  });
});

test("what contradicts itself is refused", () => {
  expect(problems({ basic_auth: { password: "a", password_file: "b" } })).toEqual([
    "basic_auth.password_file: set either password or password_file, not both",
  ]);
  expect(problems({ bearer_token: "a", basic_auth: { username: "a" }, authorization: { credentials: "a" } })).toEqual([
    "authorization: only one way to authenticate: basic_auth is set already",
    "bearer_token: only one way to authenticate: basic_auth is set already",
  ]);
  expect(problems({ authorization: { type: "Basic", credentials: "a" } })).toEqual([
    "authorization.type: use basic_auth for the type Basic",
  ]);
  expect(problems({ tls_config: { cert_file: "a" } })).toEqual([
    "tls_config.cert_file: a certificate needs its private key: set key_file",
  ]);
  expect(problems({ tls_config: { key: "a" } })).toEqual([
    "tls_config.key_file: a private key needs its certificate: set cert_file",
  ]);
});

test("headers that the client sets itself are refused", () => {
  const header = (name: string) => problems({ http_headers: { [name]: { values: ["x"] } } });
  expect(header("Authorization")).toEqual([
    "http_headers.Authorization: use basic_auth or authorization for credentials",
  ]);
  expect(header("content-length")).toEqual(["http_headers.content-length: content-length is set by the client itself"]);
  expect(header("a b")).toEqual(['http_headers.a b: "a b" is not a header name']);
});
