import type { HttpRequest, HttpResponse } from "./http-message.ts";

/** Where an engine is, or undefined where that cannot be read. As the Docker tools have it: `tcp` is HTTP, and HTTPS where certificates are configured. */
export function engineAddress(host: string, hasTls = false): { url: URL; socketPath?: string } | undefined {
  const [, socketPath] = /^unix:\/\/(\/.+)$/.exec(host) ?? [];
  if (socketPath !== undefined) return { url: new URL("http://docker/"), socketPath };
  const [, scheme = "", rest = ""] = /^(tcp|https?):\/\/([^?#]+)$/.exec(host) ?? [];
  const isTls = scheme === "https" || (scheme === "tcp" && hasTls);
  const url = URL.parse(`${isTls ? "https" : "http"}://${rest.replace(/\/*$/, "/")}`);
  return rest === "" || url === null ? undefined : { url };
}

/** The newest version of the Engine API that is known here. */
const knownMinorVersion = 47;

/** An engine speaks several versions, and says which is its newest; one that says nothing takes paths without. */
export async function versionedBase(
  send: (request: HttpRequest) => Promise<HttpResponse>,
  url: URL,
  signal: AbortSignal,
): Promise<string> {
  const response = await send({ method: "GET", url: new URL("_ping", url), signal });
  await response.discard();
  const newest = response.header("api-version");
  if (newest === undefined || !/^1\.\d+$/.test(newest)) return "";
  return `v1.${Math.min(Number(newest.slice(2)), knownMinorVersion)}/`;
}
