import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import { startHttpServer } from "./http-server.ts";

export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Plural to group, version and kind. */
const resources: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  nodes: ["v1", "Node"],
  pods: ["v1", "Pod"],
  services: ["v1", "Service"],
  endpoints: ["v1", "Endpoints"],
  endpointslices: ["discovery.k8s.io/v1", "EndpointSlice"],
  ingresses: ["networking.k8s.io/v1", "Ingress"],
};

interface Watcher {
  readonly plural: string;
  readonly url: URL;
  readonly response: ServerResponse;
}

interface Change {
  readonly plural: string;
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: FakeObject;
}

/**
 * A Kubernetes API server with list (in pages) and watch (from a state on, with bookmarks), strict about tokens, states
 * and parameters. A state that was forgotten is answered by 410 Gone, at the beginning of a watch as a real one does.
 */
export async function startFakeKubernetes({
  token,
  pageSize = 1000,
  tls,
}: {
  token?: () => string;
  pageSize?: number;
  tls?: ServerOptions;
} = {}) {
  const objects = new Map<string, Map<string, FakeObject>>(Object.keys(resources).map((plural) => [plural, new Map()]));
  const history: Change[] = [];
  const watchers = new Set<Watcher>();
  const requests: string[] = [];
  const continues = new Map<string, { version: number; items: FakeObject[] }>();
  let version = 1;
  let oldest = 1;
  let failure: number | undefined;
  let forbidden: string | undefined;

  const server = await startHttpServer(handle, tls === undefined ? {} : { tls });

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://kubernetes");
    requests.push(`${url.pathname}${url.search}`);
    const plural = pluralOf(url.pathname);
    const refused = refusalOf(request, url);
    if (refused !== undefined) status(response, ...refused);
    else if (plural === undefined) json(response, { major: "1", minor: "33", gitVersion: "v1.33.0" });
    else if (url.searchParams.get("watch") === "true") watch(plural, url, response);
    else list(plural, url, response);
  }

  function refusalOf({ method, headers }: IncomingMessage, url: URL): [number, string, string] | undefined {
    if (headers.authorization !== (token === undefined ? undefined : `Bearer ${token()}`)) {
      return [401, "Unauthorized", "Unauthorized"];
    }
    if (url.pathname === "/version") return undefined;
    if (forbidden !== undefined && url.pathname.includes(`/namespaces/${forbidden}/`)) {
      return [403, "Forbidden", `pods is forbidden in the namespace "${forbidden}"`];
    }
    if (failure !== undefined) return [failure, "InternalError", "etcdserver: no leader"];
    if (method !== "GET" || pluralOf(url.pathname) === undefined) return [404, "NotFound", "no such resource"];
    return unknownParameter(url);
  }

  function list(plural: string, url: URL, response: ServerResponse): void {
    const [apiVersion, kind] = resources[plural]!;
    const token = url.searchParams.get("continue");
    const page = token === null ? { version, items: matching(plural, url) } : continues.get(token);
    if (page === undefined) {
      status(response, 410, "Expired", "the continue token is too old");
      return;
    }
    const items = page.items.slice(0, pageSize);
    const rest = page.items.slice(pageSize);
    const next = rest.length === 0 ? undefined : `page/+=${continues.size}`;
    if (next !== undefined) continues.set(next, { version: page.version, items: rest });
    json(response, {
      kind: `${kind}List`,
      apiVersion,
      metadata: { resourceVersion: String(page.version), ...(next !== undefined && { continue: next }) },
      items,
    });
  }

  function watch(plural: string, url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get("resourceVersion") ?? Number.NaN);
    if (!(from > 0) || !(Number(url.searchParams.get("timeoutSeconds")) > 0)) {
      status(response, 400, "BadRequest", "a watch needs a state and a time");
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    if (from < oldest) {
      const gone = statusObject(410, "Expired", `too old resource version: ${from} (${oldest})`);
      response.end(`${JSON.stringify({ type: "ERROR", object: gone })}\n`);
      return;
    }
    response.flushHeaders();
    const watcher = { plural, url, response };
    for (const change of history) if (change.version > from) tell(watcher, change);
    watchers.add(watcher);
    response.on("close", () => watchers.delete(watcher));
  }

  function tell({ plural, url, response }: Watcher, change: Change): void {
    if (change.plural !== plural || !isSelected(change.object, url)) return;
    const [apiVersion, kind] = resources[plural]!;
    const line = JSON.stringify({ type: change.type, object: { kind, apiVersion, ...change.object } });
    // In two pieces: whoever reads lines must not expect them whole.
    response.write(line.slice(0, 20));
    response.write(`${line.slice(20)}\n`);
  }

  function matching(plural: string, url: URL): FakeObject[] {
    return [...objects.get(plural)!.values()].filter((object) => isSelected(object, url));
  }

  function change(plural: string, type: Change["type"], object: FakeObject): void {
    version++;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === "DELETED") objects.get(plural)!.delete(key);
    else objects.get(plural)!.set(key, stamped);
    const entry = { plural, version, type, object: stamped };
    history.push(entry);
    for (const watcher of watchers) tell(watcher, entry);
  }

  return {
    ...server,
    requests,
    watchers,
    /** Adds or changes objects. */
    put(plural: string, ...changed: FakeObject[]) {
      for (const object of changed) {
        const known = objects.get(plural)!.has(`${object.metadata.namespace}/${object.metadata.name}`);
        change(plural, known ? "MODIFIED" : "ADDED", object);
      }
    },
    remove(plural: string, object: FakeObject) {
      change(plural, "DELETED", object);
    },
    /** Changes what is there without telling anybody: the watchers have missed it. */
    replaceSilently(plural: string, all: readonly FakeObject[]) {
      version++;
      objects.set(plural, new Map(all.map((each) => [`${each.metadata.namespace}/${each.metadata.name}`, each])));
    },
    bookmark() {
      version++;
      for (const { plural, response } of watchers) {
        const [apiVersion, kind] = resources[plural]!;
        const object = { kind, apiVersion, metadata: { resourceVersion: String(version), creationTimestamp: null } };
        response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
      }
    },
    version: () => version,
    /** Ends all watches in the middle of a line. */
    breakWatches() {
      for (const { response } of watchers) {
        response.write('{"type":"ADDED","obj');
        response.destroy();
      }
    },
    /** Ends all watches as their time is over. */
    endWatches() {
      for (const { response } of watchers) response.end();
    },
    /** Whoever comes with a state of before is told to list again. */
    compact() {
      oldest = version + 1;
      version = oldest;
    },
    fail(statusCode: number | undefined) {
      failure = statusCode;
    },
    /** Nobody may look at this namespace. */
    forbid(namespace: string | undefined) {
      forbidden = namespace;
    },
  };
}

const knownParameters = new Set([
  "limit",
  "continue",
  "resourceVersion",
  "resourceVersionMatch",
  "labelSelector",
  "fieldSelector",
  "watch",
  "allowWatchBookmarks",
  "timeoutSeconds",
  "timeout",
]);

function pluralOf(path: string): string | undefined {
  const [, group, plural = ""] =
    /^\/(api\/v1|apis\/discovery\.k8s\.io\/v1|apis\/networking\.k8s\.io\/v1)\/(?:namespaces\/[^/]+\/)?(\w+)$/.exec(
      path,
    ) ?? [];
  const apiVersion = resources[plural]?.[0];
  return apiVersion !== undefined && group === (apiVersion === "v1" ? "api/v1" : `apis/${apiVersion}`)
    ? plural
    : undefined;
}

function unknownParameter({ searchParams }: URL): [number, string, string] | undefined {
  const unknown = [...searchParams.keys()].find((key) => !knownParameters.has(key));
  return unknown === undefined ? undefined : [400, "BadRequest", `unknown parameter ${unknown}`];
}

/** By the namespace in the path, and by label selectors of equality. */
function isSelected({ metadata }: FakeObject, { pathname, searchParams }: URL): boolean {
  const [, namespace] = /\/namespaces\/([^/]+)\//.exec(pathname) ?? [];
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  const pairs = (searchParams.get("labelSelector") ?? "").split(",").filter(Boolean);
  return pairs.every((pair) => {
    const [key = "", value] = pair.split("=");
    return metadata.labels?.[key] === value;
  });
}

function json(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function status(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, statusObject(code, reason, message), code);
}

function statusObject(code: number, reason: string, message: string) {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}
