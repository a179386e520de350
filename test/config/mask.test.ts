import { expect, test } from "vitest";
import { maskSecrets } from "../../src/config/mask.ts";

/** The lines as they are shown. */
function shown(text: string): string {
  return maskSecrets(text.split("\n"))
    .map((line) => line.text)
    .join("\n");
}

test("leaves out the values of secret keys, however they are written", () => {
  const f = (line: string, want: string) => expect(shown(line)).toBe(want);
  f("password: canary", "password: <secret>");
  f("  - bearer_token: canary", "  - bearer_token: <secret>");
  f("password: can,ary}", "password: <secret>");
  f("password: $canary", "password: <secret>");
  f('password: "can\\"ary"', "password: <secret>");
  f("'password': 'can''ary'", "'password': <secret>");
  f('{"password":"canary"}', '{"password":<secret>}');
  f("{ username: u, password: canary, x: 1 }", "{ username: u, password: <secret>, x: 1 }");
  f("http_headers: { X-Key: { secrets: [can, ary] } }", "http_headers: { X-Key: { secrets: <secret> } }");
  f('password: "canary', "password: <secret>");
  f("api_key: canary", "api_key: <secret>");
  f("key: canary", "key: <secret>");
  f("client_secret: canary", "client_secret: <secret>");
  f("proxy_connect_header: { X-Key: [can, ary] }", "proxy_connect_header: <secret>");
  f("proxy_connect_header: {\n  X-Key: [canary] }", "proxy_connect_header: <secret>\n  <secret>");
  f("proxy_connect_header:\n  X-Key: [canary]\nname: n", "proxy_connect_header:\n  <secret>\nname: n");
});

test("leaves out secrets as Alloy spells them", () => {
  const f = (line: string, want: string) => expect(shown(line)).toBe(want);
  f('\tpassword = "canary"', "\tpassword = <secret>");
  f('bearer_token="canary" // why', "bearer_token=<secret>");
  f('key_pem = "canary"', "key_pem = <secret>");
  f('x = {"client_secret" = "canary", "y" = 1}', 'x = {"client_secret" = <secret>, "y" = 1}');
  f('proxy_connect_header = {"X-Key" = ["canary"]}', "proxy_connect_header = <secret>");
  f("url: http://host/?token=shown", "url: http://host/?token=shown");
});

test("leaves out what goes on below a secret key", () => {
  const f = (text: string, want: string) => expect(shown(text)).toBe(want);
  f("tls:\n  key: |\n    can\n\n    ary\n  cert: c", "tls:\n  key: |\n    <secret>\n\n    <secret>\n  cert: c");
  f("- password: can\n    ary\n  username: u", "- password: <secret>\n    <secret>\n  username: u");
  f('password: "can\n  ary"\nname: n', "password: <secret>\n  <secret>\nname: n");
  f("secrets:\n- can\n- ary\nfiles:", "secrets:\n<secret>\n<secret>\nfiles:");
  f("token:\n  canary\nname: n", "token:\n  <secret>\nname: n");
});

test("leaves out the password of a URL", () => {
  const f = (line: string, want: string) => expect(shown(line)).toBe(want);
  f("url: http://user:canary@host:80/", "url: http://user:<secret>@host:80/");
  f("proxy_url: http://user:canary@proxy:3128", "proxy_url: http://user:<secret>@proxy:3128");
  f("url: http://user:can@ary@host/", "url: http://user:<secret>@host/");
  f("url: http://user:can/ary@host/", "url: http://user:<secret>@host/");
  f("url: http://host:80/", "url: http://host:80/");
});

test("shows what is no secret", () => {
  const f = (text: string) => expect(shown(text)).toBe(text);
  f("password_file: /etc/sonde/password");
  f("key_file: /etc/key.pem");
  f("monkey: banana");
  f("# the password is elsewhere");
  f("authorization:\n  credentials_file: /etc/token");
  f("password: ${env:PASSWORD}");
  f('{ password: "${credential:write}", username: u }');
});

test("a reference with a default is left out, because the default may be the secret", () => {
  expect(shown("password: ${env:PASSWORD:-canary}")).toBe("password: <secret>");
});

test("knows where the rest of a line has moved to", () => {
  const line = "{ password: a, passwd: bcdefghijk, x: 1 }";
  const masked = maskSecrets([line])[0]!;
  for (const word of ["{", "password", "passwd", "x", "}"]) {
    expect(masked.column(line.indexOf(word) + 1), word).toBe(masked.text.indexOf(word) + 1);
  }
  expect(masked.column(line.indexOf("def") + 1)).toBe(masked.text.lastIndexOf("<secret>") + 1);
});
