import type { IncomingMessage } from "node:http";
import { type Answer, textAnswer } from "../lib/http-answer.ts";
import type { AgentApi } from "./api.ts";
import type { Route } from "./route.ts";

/** Finds the route of a request and lets it answer. */
export async function answerRequest(
  routes: readonly Route[],
  { url, method = "GET", headers }: IncomingMessage,
  agent: AgentApi,
): Promise<Answer> {
  const [encodedPath = "/", ...query] = url?.split("?") ?? [];
  const path = decoded(encodedPath);
  const found = path === undefined ? undefined : findRoute(routes, path);
  if (found === undefined) return textAnswer(404, `there is no page ${path ?? "of this name"}; / links to all\n`);
  const { route, parameter } = found;
  const methods = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
  if (!methods.includes(method)) {
    const allow = methods.join(", ");
    return textAnswer(405, `${route.path} takes ${route.method}, not ${method}\n`, { Allow: allow });
  }
  const wantsJson = prefersJson(headers.accept);
  return route.handle({ parameter, query: new URLSearchParams(query.join("?")), wantsJson, routes }, agent);
}

function findRoute(routes: readonly Route[], path: string): { route: Route; parameter: string } | undefined {
  for (const route of routes) {
    const at = route.path.indexOf(":");
    if (at < 0 && path === route.path) return { route, parameter: "" };
    if (at >= 0 && path.startsWith(route.path.slice(0, at)) && path.length > at) {
      return { route, parameter: path.slice(at) };
    }
  }
  return undefined;
}

/** Undefined: percent signs that decode to nothing. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Browsers and curl name text or anything; who wants JSON says so. */
function prefersJson(accept = ""): boolean {
  return /\bapplication\/json\b/.test(accept) && !/\btext\/(plain|html)\b/.test(accept);
}
