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
  const request = { parameter, query: new URLSearchParams(query.join("?")), wantsJson, routes };
  const answer = await route.handle(request, agent);
  return isBrowser(headers.accept) ? readable(answer) : answer;
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

function isBrowser(accept = ""): boolean {
  return /\btext\/html\b/.test(accept);
}

/** JSON that a person looks at has a line for each field. */
function readable(answer: Answer): Answer {
  const { headers, body } = answer;
  if (headers?.["Content-Type"] !== "application/json") return answer;
  return { ...answer, body: `${JSON.stringify(JSON.parse(String(body)), undefined, 2)}\n` };
}
