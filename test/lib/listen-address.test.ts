import { expect, test } from "vitest";
import { formatAddress, isLoopback, urlOf } from "../../src/lib/listen-address.ts";

test("an address is printed as users write it, and as a URL that can be opened on this machine", () => {
  const f = (host: string, text: string, url: string) => {
    expect(formatAddress({ host, port: 9100 })).toBe(text);
    expect(urlOf({ host, port: 9100 })).toBe(url);
  };

  f("127.0.0.1", "127.0.0.1:9100", "http://127.0.0.1:9100");
  f("::1", "[::1]:9100", "http://[::1]:9100");
  f("localhost", "localhost:9100", "http://localhost:9100");
  f("", ":9100", "http://127.0.0.1:9100");
  f("0.0.0.0", "0.0.0.0:9100", "http://127.0.0.1:9100");
  f("::", "[::]:9100", "http://127.0.0.1:9100");
  expect(urlOf({ host: "::1", port: 1 }, "https")).toBe("https://[::1]:1");
});

test("loopback is what only this machine can reach", () => {
  const f = (host: string, want: boolean) => expect(isLoopback(host)).toBe(want);

  f("localhost", true);
  f("127.0.0.1", true);
  f("127.1.2.3", true);
  f("::1", true);
  f("", false);
  f("0.0.0.0", false);
  f("10.0.0.1", false);
  f("127.evil.example", false);
});
