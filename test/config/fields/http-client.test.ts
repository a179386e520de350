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

test("oauth2 has its own proxy and certificates, and its file beside the config", () => {
  const oauth2 = { client_id: "a", client_secret_file: "s", token_url: "https://id.test/token", scopes: ["b"] };
  expect(options({ oauth2: { ...oauth2, tls_config: { ca_file: "ca" }, proxy_url: "http://proxy:3128" } })).toEqual({
    oauth2: {
      clientId: "a",
      clientSecretFile: "/etc/sonde/s",
      tokenUrl: "https://id.test/token",
      scopes: ["b"],
      endpointParams: {},
      tls: { caFile: "/etc/sonde/ca", insecureSkipVerify: false },
      proxy: { url: "http://proxy:3128" },
    },
  });
});

test("a proxy is named or left to the environment", () => {
  expect(options({ proxy_url: "http://proxy:3128", no_proxy: "10.0.0.0/8" })).toEqual({
    proxy: { url: "http://proxy:3128", noProxy: "10.0.0.0/8" },
  });
  expect(options({ proxy_from_environment: true, proxy_connect_header: { "X-A": ["b"] } })).toEqual({
    proxy: { connectHeaders: { "X-A": [new Secret("b")] } },
  });
});

test("proxy settings that contradict each other are refused", () => {
  expect(problems({ no_proxy: "a", proxy_connect_header: { A: ["b"] } })).toEqual([
    "no_proxy: no_proxy needs a proxy_url",
    "proxy_connect_header: proxy_connect_header needs a proxy_url or proxy_from_environment",
  ]);
  expect(problems({ proxy_from_environment: true, proxy_url: "http://a", no_proxy: "b" })).toEqual([
    "proxy_url: proxy_from_environment is set already, and takes this from the environment",
    "no_proxy: proxy_from_environment is set already, and takes this from the environment",
  ]);
  expect(problems({ proxy_url: "socks5://a:1080", proxy_connect_header: { A: ["b"] } })).toEqual([
    "proxy_connect_header: a SOCKS5 proxy takes no headers",
  ]);
  expect(problems({ proxy_url: "socks5h://user:password@a" })).toEqual([]);
  const expected = "proxy_url: expected a URL that begins with http://, https://, socks5:// or socks5h://";
  for (const proxy_url of ["proxy", "socks4://a", "socks5://"]) expect(problems({ proxy_url })).toEqual([expected]);
});

test("oauth2 is refused where it contradicts itself or other credentials", () => {
  const oauth2 = { client_id: "a", client_secret: "b", token_url: "http://c" };
  expect(problems({ oauth2, basic_auth: { username: "a" } })).toEqual([
    "oauth2: only one way to authenticate: basic_auth is set already",
  ]);
  expect(problems({ oauth2: { ...oauth2, client_secret_file: "d", no_proxy: "e" } })).toEqual([
    "oauth2.client_secret_file: set either client_secret or client_secret_file, not both",
    "oauth2.no_proxy: no_proxy needs a proxy_url",
  ]);
  expect(problems({ oauth2: { ...oauth2, endpoint_params: { scope: "x", audience: "y" } } })).toEqual([
    "oauth2.endpoint_params.scope: use scopes for this parameter",
  ]);
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
    "http_headers.Authorization: use basic_auth, authorization or oauth2 for credentials",
  ]);
  expect(header("content-length")).toEqual(["http_headers.content-length: content-length is set by the client itself"]);
  expect(header("a b")).toEqual(['http_headers.a b: "a b" is not a header name']);
});
