import type { IncomingMessage, ServerResponse } from "node:http";
import { startHttpServer } from "./http-server.ts";

export interface FakeService {
  readonly id: string;
  readonly service: string;
  readonly node: string;
  readonly nodeAddress: string;
  readonly address?: string;
  readonly port: number;
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, string>>;
  readonly nodeMeta?: Readonly<Record<string, string>>;
  readonly taggedAddresses?: Readonly<Record<string, string>>;
  /** Id to status. */
  readonly checks?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly partition?: string;
}

/** What may be asked of each path besides `dc`, `ns`, `partition`. */
const knownParameters: Readonly<Record<string, readonly string[]>> = {
  agent: [],
  catalog: ["index", "wait", "stale", "node-meta", "filter"],
  health: ["index", "wait", "stale", "node-meta", "filter", "tag"],
};

/**
 * The part of Consul's API that discovery uses: an index on every answer, and queries with one that wait until there is
 * something newer. What Consul would refuse is refused.
 */
export async function startFakeConsul({ token }: { token?: string } = {}) {
  let services: readonly FakeService[] = [];
  let index = 1;
  let failure: number | undefined;
  const waiting = new Set<() => void>();
  const requests: string[] = [];

  const server = await startHttpServer((request, response) => {
    const url = new URL(request.url ?? "", "http://consul");
    requests.push(`${url.pathname}${url.search}`);
    const refusal = refusalOf(request, url, token);
    if (refusal !== undefined) return response.writeHead(refusal[0]).end(refusal[1]);
    if (failure !== undefined) return response.writeHead(failure).end("rpc error: no cluster leader");
    const known = Number(url.searchParams.get("index") ?? 0);
    if (known < index) return answer(url, response);
    const answerLater = () => {
      waiting.delete(answerLater);
      answer(url, response);
    };
    waiting.add(answerLater);
    response.on("close", () => waiting.delete(answerLater));
  });

  function answer({ pathname, searchParams }: URL, response: ServerResponse): void {
    const send = (value: unknown) =>
      response
        .writeHead(200, { "content-type": "application/json", "x-consul-index": String(index) })
        .end(JSON.stringify(value));
    const seen = services.filter(({ nodeMeta = {} }) =>
      searchParams.getAll("node-meta").every((pair) => nodeMeta[pair.split(":")[0] ?? ""] === pair.split(":")[1]),
    );
    if (failure !== undefined) response.writeHead(failure).end("rpc error: no cluster leader");
    else if (pathname === "/v1/agent/self") send({ Config: { Datacenter: "dc1", NodeName: "n" }, Member: {} });
    else if (pathname === "/v1/catalog/services") send(catalogue(seen));
    else {
      const name = decodeURIComponent(pathname.replace("/v1/health/service/", ""));
      const tags = searchParams.getAll("tag");
      const found = seen.filter(
        ({ service, tags: has = [] }) => service === name && tags.every((tag) => has.includes(tag)),
      );
      send(found.map(healthEntry));
    }
  }

  function wake(): void {
    for (const answerNow of [...waiting]) answerNow();
  }

  return {
    ...server,
    requests,
    /** How many queries wait for news. */
    waiting: () => waiting.size,
    set(changed: readonly FakeService[], changedIndex = index + 1) {
      services = changed;
      index = changedIndex;
      wake();
    },
    fail(status: number | undefined) {
      failure = status;
      wake();
    },
    /** Lets the queries that wait time out, without news. */
    endWaits: wake,
  };
}

function refusalOf(request: IncomingMessage, url: URL, token: string | undefined): [number, string] | undefined {
  const [, kind = ""] =
    /^\/v1\/(agent)\/self$|^\/v1\/(catalog)\/services$|^\/v1\/(health)\/service\/[^/]+$/
      .exec(url.pathname)
      ?.filter(Boolean) ?? [];
  const known = knownParameters[kind];
  if (request.method !== "GET" || known === undefined) return [404, "no such path"];
  const { authorization, "x-consul-token": own = authorization?.replace("Bearer ", "") } = request.headers;
  if (own !== token) return [403, "ACL not found"];
  const unknown = [...url.searchParams.keys()].find((key) => !["dc", "ns", "partition", ...known].includes(key));
  if (unknown !== undefined) return [400, `unknown parameter ${unknown}`];
  const { index, wait } = Object.fromEntries(url.searchParams);
  if (index !== undefined && !/^\d+$/.test(index)) return [400, "Invalid index"];
  if (wait !== undefined && !/^\d+(ms|s|m)$/.test(wait)) return [400, "Invalid wait time"];
  return undefined;
}

function catalogue(services: readonly FakeService[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { service, tags = [] } of services) found[service] = [...new Set([...(found[service] ?? []), ...tags])];
  return found;
}

function healthEntry(one: FakeService) {
  const { id, service, node, nodeAddress, address = "", port, namespace, partition } = one;
  const enterprise = {
    ...(namespace !== undefined && { Namespace: namespace }),
    ...(partition && { Partition: partition }),
  };
  return {
    Node: {
      ID: `id-${node}`,
      Node: node,
      Address: nodeAddress,
      Datacenter: "dc1",
      TaggedAddresses: one.taggedAddresses ?? null,
      Meta: one.nodeMeta ?? null,
      CreateIndex: 1,
      ModifyIndex: 1,
    },
    Service: {
      ID: id,
      Service: service,
      Tags: one.tags ?? [],
      Address: address,
      Meta: one.meta ?? null,
      Port: port,
      Weights: { Passing: 1, Warning: 1 },
      EnableTagOverride: false,
      ...enterprise,
    },
    Checks: Object.entries(one.checks ?? { serfHealth: "passing" }).map(([check, status]) => ({
      Node: node,
      CheckID: check,
      Name: check,
      Status: status,
    })),
  };
}

/** Services with everything that they can have or lack. */
export const fakeServices: readonly FakeService[] = [
  {
    id: "web-1",
    service: "web",
    node: "node-1",
    nodeAddress: "10.0.0.1",
    address: "10.1.0.1",
    port: 8080,
    tags: ["prod", "metrics"],
    meta: { version: "1.2", "build.id": "x" },
    nodeMeta: { rack: "r1", "consul-network-segment": "" },
    taggedAddresses: { lan: "10.0.0.1", wan_ipv4: "52.0.0.1" },
    checks: { serfHealth: "passing", "service:web-1": "warning" },
    namespace: "default",
    partition: "default",
  },
  { id: "web-2", service: "web", node: "node-2", nodeAddress: "10.0.0.2", port: 8080, tags: ["test"] },
  {
    id: "db",
    service: "db main",
    node: "node-2",
    nodeAddress: "2001:db8::2",
    port: 5432,
    checks: { serfHealth: "critical", _node_maintenance: "critical" },
  },
  { id: "odd", service: "odd", node: "node-3", nodeAddress: "10.0.0.3", port: 0, checks: { c: "strange" } },
];
