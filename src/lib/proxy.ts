import { BlockList, isIP } from "node:net";
import { HttpError } from "./http-error.ts";
import type { Secret } from "./secret.ts";

export interface ProxyOptions {
  /** If left out, the environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it. */
  readonly url?: string;
  readonly noProxy?: string;
  /** What a proxy is told when it is asked for a tunnel. */
  readonly connectHeaders?: Readonly<Record<string, readonly Secret[]>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Those that Go's net/http accepts. */
export const proxyProtocol = /^(?:https?|socks5h?):$/;

/** Says which proxy a request goes through. */
export type ProxyChoice = (url: URL) => URL | undefined;

/** The rules of Go's httpproxy, which Prometheus follows: without no_proxy, everything goes through proxy_url. */
export function proxyChoice({ url: proxyUrl, noProxy = "" }: ProxyOptions, env: Environment): ProxyChoice {
  if (proxyUrl !== undefined) {
    const proxy = new URL(proxyUrl);
    const isDirect = noProxy === "" ? () => false : directHosts(noProxy);
    return (url) => (isDirect(url) ? undefined : proxy);
  }
  const isDirect = directHosts(variable("NO_PROXY", env));
  return (url) => {
    const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
    const proxy = variable(name, env);
    return proxy === "" || isDirect(url) ? undefined : environmentProxy(name, proxy);
  };
}

function variable(name: string, env: Environment): string {
  return env[name] || env[name.toLowerCase()] || "";
}

/** `proxy:3128` is short for `http://proxy:3128`. */
function environmentProxy(name: string, text: string): URL {
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && url.hostname !== "" && proxyProtocol.test(url.protocol)) return url;
  throw new HttpError(`cannot use the environment's ${name}: it is not the address of an http, https or socks5 proxy`);
}

/**
 * Commas between the items of no_proxy: `*`, an address, a range of addresses, a domain with all below it, and with a
 * dot in front those below it only; behind each a port, if it is for that one only. This host is reached directly.
 */
function directHosts(noProxy: string): (url: URL) => boolean {
  const items = noProxy.split(",").map((item) => item.trim().toLowerCase());
  const rules = items.filter((item) => item !== "").map(ruleOf);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    if (isThisHost(host)) return true;
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    return rules.some((rule) => rule(host, port));
  };
}

type Rule = (host: string, port: string) => boolean;

function ruleOf(item: string): Rule {
  if (item === "*") return () => true;
  const [, network = "", prefix = ""] = /^([^/]+)\/([0-9]+)$/.exec(item) ?? [];
  if (isIP(network) !== 0 && Number(prefix) <= (isIP(network) === 4 ? 32 : 128)) {
    const range = new BlockList();
    range.addSubnet(network, Number(prefix), familyOf(network));
    return (host) => isIP(host) !== 0 && holds(range, host);
  }
  const { name, port } = splitPort(item);
  const isPort = (given: string) => port === "" || port === given;
  if (isIP(name) !== 0) {
    const one = new BlockList();
    one.addAddress(name, familyOf(name));
    return (host, given) => isIP(host) !== 0 && holds(one, host) && isPort(given);
  }
  if (name === "") return () => false;
  const suffix = `.${name.replace(/^\*?\./, "")}`;
  const isBelowOnly = /^\*?\./.test(name);
  return (host, given) => (host.endsWith(suffix) || (!isBelowOnly && host === suffix.slice(1))) && isPort(given);
}

function splitPort(item: string): { name: string; port: string } {
  if (isIP(item) !== 0) return { name: item, port: "" };
  const [, name = item, port = ""] = /^(.*):([0-9]*)$/.exec(item) ?? [];
  return { name: name.replace(/^\[|\]$/g, ""), port };
}

/** The host of a URL, where addresses are in their shortest form. */
function isThisHost(host: string): boolean {
  return /^(localhost|::1|::ffff:7f[0-9a-f]{2}:[0-9a-f]+)$/.test(host) || (isIP(host) === 4 && host.startsWith("127."));
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
