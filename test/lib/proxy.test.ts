import { expect, test } from "vitest";
import { type Environment, proxyChoice } from "../../src/lib/proxy.ts";

const proxy = "http://proxy.test:3128/";

function isProxied(noProxy: string, url: string): boolean {
  return proxyChoice({ url: proxy, noProxy }, {})(new URL(url)) !== undefined;
}

test("everything goes through the proxy while nothing is excepted, this host too", () => {
  expect(isProxied("", "http://app.test/")).toBe(true);
  expect(isProxied("", "http://localhost:8080/")).toBe(true);
  expect(isProxied("", "https://127.0.0.1/")).toBe(true);
});

test("this host is reached directly as soon as anything is excepted", () => {
  const f = (url: string, want: boolean) => expect([url, isProxied("other.test", url)]).toEqual([url, want]);
  f("http://localhost:8080/", false);
  f("http://127.1.2.3/", false);
  f("http://[::1]/", false);
  f("http://[::ffff:127.0.0.1]/", false);
  f("http://128.0.0.1/", true);
  f("http://localhost.test/", true);
});

test("exceptions are hosts, domains, addresses and ranges, each with or without a port", () => {
  const f = (noProxy: string, url: string, want: boolean) =>
    expect([noProxy, url, isProxied(noProxy, url)]).toEqual([noProxy, url, want]);
  f("*", "http://app.test/", false);
  f("a.test, APP.test ,b.test", "http://app.test/", false);
  f("app.test", "http://deep.app.test/", false);
  f("app.test", "http://myapp.test/", true);
  f(".app.test", "http://app.test/", true);
  f(".app.test", "http://deep.app.test/", false);
  f("*.app.test", "http://app.test/", true);
  f("*.app.test", "http://deep.app.test/", false);
  f("app.test:8080", "http://app.test:8080/", false);
  f("app.test:8080", "http://app.test/", true);
  f("app.test:80", "http://app.test/", false);
  f("app.test:443", "https://app.test/", false);
  f("10.1.2.3", "http://10.1.2.3:9100/", false);
  f("10.1.2.3:80", "http://10.1.2.3:9100/", true);
  f("10.1.2.3:9100", "http://10.1.2.3:9100/", false);
  f("10.0.0.0/8", "http://10.1.2.3/", false);
  f("10.0.0.0/8", "http://11.1.2.3/", true);
  f("10.0.0.0/8", "http://ten.test/", true);
  f("10.0.0.0/33", "http://10.0.0.0/", true);
  f("fd00::/8", "http://[fd12::1]/", false);
  f("fd00::1", "http://[fd00::1]:9100/", false);
  f("[fd00::1]:9100", "http://[fd00::1]:9100/", false);
  f("[fd00::1]:9100", "http://[fd00::1]/", true);
  f(" , ,:80", "http://app.test/", true);
});

test("the environment names a proxy for each protocol, in upper case first", () => {
  const f = (env: Environment, url: string, want: string | undefined) =>
    expect([env, url, proxyChoice({}, env)(new URL(url))?.href]).toEqual([env, url, want]);
  f({}, "http://app.test/", undefined);
  f({ HTTP_PROXY: proxy }, "http://app.test/", proxy);
  f({ HTTP_PROXY: proxy }, "https://app.test/", undefined);
  f({ https_proxy: "http://low.test/" }, "https://app.test/", "http://low.test/");
  f({ HTTPS_PROXY: proxy, https_proxy: "http://low.test/" }, "https://app.test/", proxy);
  f({ HTTP_PROXY: "", http_proxy: "http://low.test/" }, "http://app.test/", "http://low.test/");
  f({ HTTP_PROXY: "proxy.test:3128" }, "http://app.test/", proxy);
  f({ HTTP_PROXY: "socks5h://low.test:1080" }, "http://app.test/", "socks5h://low.test:1080");
  f({ HTTP_PROXY: proxy, NO_PROXY: "app.test" }, "http://app.test/", undefined);
  f({ HTTP_PROXY: proxy, no_proxy: "app.test" }, "http://app.test/", undefined);
  f({ HTTP_PROXY: proxy }, "http://localhost/", undefined);
});

test("a proxy of the environment that is not understood is not passed by", () => {
  const choose = proxyChoice({}, { HTTP_PROXY: "socks4://user:canary@proxy.test:1080" });
  expect(() => choose(new URL("http://app.test/"))).toThrow(
    /^cannot use the environment's HTTP_PROXY: it is not the address of an http, https or socks5 proxy$/,
  );
});
