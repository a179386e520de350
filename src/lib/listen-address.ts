import { isIPv6 } from "node:net";

/** Where a server listens. An empty host is every interface. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** As a user writes it: `127.0.0.1:9100`, `[::1]:9100`, `:9100`. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${bracketed(host)}:${port}`;
}

/** What to type into a browser on this machine: every interface is reached through loopback. */
export function urlOf({ host, port }: ListenAddress, scheme: "http" | "https" = "http"): string {
  const isAll = host === "" || host === "0.0.0.0" || host === "::";
  return `${scheme}://${isAll ? "127.0.0.1" : bracketed(host)}:${port}`;
}

/** Whether only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.[0-9]{1,3}){3}$/.test(host);
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
