import { expect, test } from "vitest";
import { webConfig } from "../../../src/config/fields/web-config.ts";
import { parseYaml } from "../../../src/lib/yaml.ts";

const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

function parsed(text: string) {
  return webConfig.parse(parseYaml(text));
}

test("an empty file asks for nothing", () => {
  const nothing = { tls: undefined, headers: {}, users: {}, rateLimit: undefined };
  expect(parsed("")).toEqual(nothing);
  expect(parsed("basic_auth_users:\nrate_limit:\n")).toEqual(nothing);
});

test("a whole file is understood", () => {
  expect(
    parsed(`
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS11
  max_version: TLS12
  prefer_server_cipher_suites: true
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    X-Frame-Options: DENY
    X-XSS-Protection: ""
    Content-Security-Policy: default-src 'self'
basic_auth_users:
  alice: ${hash}
rate_limit:
  interval: 1.5s
  burst: 20
`),
  ).toEqual({
    tls: {
      cert: { file: "server.crt" },
      key: { file: "server.key" },
      clientCa: { file: "ca.crt" },
      clientAuth: "RequireAndVerifyClientCert",
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.2",
      ciphers: ["ECDHE-RSA-AES256-GCM-SHA384", "TLS_AES_128_GCM_SHA256"],
      curves: ["X25519", "P-256"],
    },
    headers: { "X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'self'" },
    users: { alice: hash },
    rateLimit: { intervalMs: 1500, burst: 20 },
  });
});

test("certificates may stand in the file; the versions are then TLS 1.2 and 1.3", () => {
  expect(parsed("tls_server_config: { cert: C, key: K }").tls).toEqual({
    cert: { text: "C" },
    key: { text: "K" },
    clientCa: undefined,
    clientAuth: "NoClientCert",
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: undefined,
    curves: undefined,
  });
});

test("intervals are Go's durations; zero is no limit", () => {
  const f = (interval: string, want: number | undefined) =>
    expect(parsed(`rate_limit: { interval: ${interval}, burst: 1 }`).rateLimit?.intervalMs).toBe(want);

  f("1s", 1000);
  f("100ms", 100);
  f("1m30s", 90_000);
  f("250us", 0.25);
  f("0", undefined);
  f("0s", undefined);
});

test("what cannot be honoured is refused, with its place", () => {
  const f = (text: string, want: string) => {
    const { error } = webConfig.safeParse(parseYaml(text));
    expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([want]);
  };
  const tls = (more: string) => `tls_server_config: { cert_file: c, key_file: k, ${more} }`;

  f("basic_auth: {}", ': Unrecognized key: "basic_auth"');
  f("tls_server_config: { cert_file: c }", "tls_server_config.key_file: is missing");
  f("tls_server_config: { key_file: k }", "tls_server_config.cert_file: is missing");
  f(tls("cert: C"), "tls_server_config.cert: give cert or cert_file, not both");
  f(tls("client_ca_file: ca"), "tls_server_config.client_auth_type: is missing");
  f(
    tls("client_auth_type: VerifyClientCertIfGiven"),
    "tls_server_config.client_ca_file: is missing: VerifyClientCertIfGiven needs it",
  );
  f(
    tls("client_allowed_sans: [a.example]"),
    "tls_server_config.client_allowed_sans: is not supported here; let client_ca sign only the clients that may come in",
  );
  f(tls("prefer_server_cipher_suites: false"), "tls_server_config.prefer_server_cipher_suites: cannot be turned off");
  f(
    tls("curve_preferences: [P256]"),
    "tls_server_config.curve_preferences.0: expected a curve: CurveP256, CurveP384, CurveP521, X25519",
  );
  expect(webConfig.safeParse(parseYaml(tls("cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]"))).success).toBe(false);
  f("http_server_config: { headers: { Server: x } }", 'http_server_config.headers: Unrecognized key: "Server"');
  f(
    "http_server_config: { headers: { X-Frame-Options: all } }",
    "http_server_config.headers.X-Frame-Options: expected deny or sameorigin",
  );
  f(
    "basic_auth_users: { alice: secret }",
    'basic_auth_users.alice: is not a bcrypt hash; make one with `htpasswd -nBC 10 ""`',
  );
  f("rate_limit: { interval: 1 s }", 'rate_limit.interval: "1 s" is not a duration; write 1s or 100ms');
});
