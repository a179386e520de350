import { posix } from "node:path";
import { define, type GoFunctions } from "../function.ts";
import type { Value } from "../values.ts";

/** sprig's functions of paths and of URLs. */
export const pathFunctions: GoFunctions = {
  base: define("s", base),
  dir: define("s", directory),
  clean: define("s", clean),
  ext: define("s", extension),
  isAbs: define("s", isAbsolute),
  osBase: define("s", base),
  osDir: define("s", directory),
  osClean: define("s", clean),
  osExt: define("s", extension),
  osIsAbs: define("s", isAbsolute),
  urlParse: define("s", parseUrl),
};

function base(path: string): string {
  return path === "" ? "." : posix.basename(path) || "/";
}

function directory(path: string): string {
  return clean(path.slice(0, path.lastIndexOf("/") + 1));
}

function clean(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

function extension(path: string): string {
  return /\.[^./]*$/.exec(path)?.[0] ?? "";
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

/** Scheme, authority, path, query and fragment, as appendix B of RFC 3986 divides them. */
const urlPattern = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

function parseUrl(url: string): Value {
  const [, scheme = "", authority, path = "", query = "", fragment = ""] = urlPattern.exec(url) ?? [];
  const [, userinfo = "", host = ""] = /^(?:(.*)@)?(.*)$/s.exec(authority ?? "") ?? [];
  const isOpaque = scheme !== "" && authority === undefined && !path.startsWith("/");
  return new Map([
    ["scheme", scheme.toLowerCase()],
    ["host", host],
    ["hostname", host.replace(/:[0-9]*$/, "").replace(/^\[(.*)\]$/, "$1")],
    ["path", isOpaque ? "" : decoded(path)],
    ["query", query],
    ["opaque", isOpaque ? path : ""],
    ["fragment", decoded(fragment)],
    ["userinfo", userinfo],
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`${JSON.stringify(text)} has an escape that is none`);
  }
}
