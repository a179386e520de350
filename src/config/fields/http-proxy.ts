import { z } from "zod";
import { type ProxyOptions, proxyProtocol } from "../../lib/proxy.ts";
import { secret } from "../fields.ts";
import { type Issues, issue } from "./field-checks.ts";
import { given } from "./given.ts";

const proxyUrl = z.string().refine((text) => isProxy(URL.parse(text)), {
  error: "expected a URL that begins with http://, https://, socks5:// or socks5h://",
});

function isProxy(url: URL | null): boolean {
  return url !== null && url.hostname !== "" && proxyProtocol.test(url.protocol);
}

/** The proxy settings as in prometheus.yml, to be spread. */
export const proxyFields = {
  proxy_url: proxyUrl
    .optional()
    .describe("Proxy that requests go through: of HTTP, or of SOCKS5, which looks up the names of hosts."),
  no_proxy: z
    .string()
    .optional()
    .describe("Hosts, domains, addresses and ranges of them, with commas between, that are reached without the proxy."),
  proxy_from_environment: z
    .boolean()
    .default(false)
    .describe("Takes the proxy from the variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`."),
  proxy_connect_header: z
    .record(z.string(), z.array(secret))
    .optional()
    .describe("Headers by name for the proxy, sent where it is asked for a tunnel."),
};

const fields = z.strictObject(proxyFields);
type ProxyConfig = z.output<typeof fields>;

/** What no field can check alone. */
export function checkProxy(config: ProxyConfig, context: Issues): void {
  const { proxy_url, no_proxy, proxy_from_environment, proxy_connect_header } = config;
  if (proxy_from_environment) {
    const message = "proxy_from_environment is set already, and takes this from the environment";
    if (proxy_url !== undefined) issue(context, "proxy_url", message);
    if (no_proxy !== undefined) issue(context, "no_proxy", message);
    return;
  }
  if (proxy_connect_header !== undefined && proxy_url?.startsWith("socks5")) {
    issue(context, "proxy_connect_header", "a SOCKS5 proxy takes no headers");
  }
  if (proxy_url !== undefined) return;
  if (no_proxy !== undefined) issue(context, "no_proxy", "no_proxy needs a proxy_url");
  if (proxy_connect_header !== undefined) {
    issue(context, "proxy_connect_header", "proxy_connect_header needs a proxy_url or proxy_from_environment");
  }
}

export function proxyOptions(config: ProxyConfig): ProxyOptions | undefined {
  if (config.proxy_url === undefined && !config.proxy_from_environment) return undefined;
  return given({ url: config.proxy_url, noProxy: config.no_proxy, connectHeaders: config.proxy_connect_header });
}
