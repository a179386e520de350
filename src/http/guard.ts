import type { IncomingMessage } from "node:http";
import { type Answer, textAnswer } from "../lib/http-answer.ts";
import { isLoopback, type ListenAddress } from "../lib/listen-address.ts";

/**
 * Refuses what a web page of somebody else makes a browser on this machine send.
 *
 * A page may point its own name at 127.0.0.1 (DNS rebinding); the browser then takes the agent for that page's server
 * and lets it read every answer. The Host header still carries the foreign name, so on loopback only our own names are
 * served. And a page may post to us without being able to read the answer; the browser then says in Origin from where.
 */
export function refusal({ headers, method }: IncomingMessage, { host: boundHost }: ListenAddress): Answer | undefined {
  const { host = "", origin } = headers;
  if (isLoopback(boundHost) && host !== "" && !isOwnName(nameOf(`http://${host}`), boundHost)) {
    return textAnswer(403, `the host ${JSON.stringify(host)} is not served here; use localhost\n`);
  }
  if (method !== "GET" && method !== "HEAD" && origin !== undefined && hostOf(origin) !== host.toLowerCase()) {
    return textAnswer(403, `a page of ${origin} may not ask this of the agent\n`);
  }
  return undefined;
}

/** Of every answer: no guessing of types, no frames around the page, nothing loaded from anywhere else. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

function isOwnName(name: string | undefined, boundHost: string): boolean {
  return name !== undefined && ["localhost", "127.0.0.1", "[::1]", boundHost].includes(name);
}

function nameOf(url: string): string | undefined {
  return URL.parse(url)?.hostname;
}

function hostOf(url: string): string | undefined {
  return URL.parse(url)?.host;
}
