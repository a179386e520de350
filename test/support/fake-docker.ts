import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { FakeDockerLogs } from "./fake-docker-logs.ts";
import { startHttpServer } from "./http-server.ts";

/** As `/containers/json` and `/networks` of Docker Engine 1.47 answer, shortened to what matters and a little more. */
const fakeContainers = [
  {
    Id: "c1",
    Names: ["/web"],
    Image: "nginx",
    Ports: [
      { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
      { IP: "::", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
      { PrivatePort: 443, Type: "tcp" },
      { PrivatePort: 53, Type: "udp" },
    ],
    Labels: { "com.docker.compose.project": "shop", prometheus: "true" },
    State: "running",
    HostConfig: { NetworkMode: "shop_default" },
    NetworkSettings: {
      Networks: {
        shop_default: { NetworkID: "n-shop", IPAddress: "172.19.0.2" },
        backend: { NetworkID: "n-backend", IPAddress: "172.20.0.2" },
      },
    },
  },
  {
    Id: "c2",
    Names: ["/batch"],
    Ports: [{ PrivatePort: 53, Type: "udp" }],
    Labels: {},
    HostConfig: { NetworkMode: "bridge" },
    NetworkSettings: { Networks: { bridge: { NetworkID: "n-bridge", IPAddress: "172.17.0.3" } } },
  },
  {
    Id: "c3",
    Names: ["/node"],
    Ports: [],
    Labels: null,
    HostConfig: { NetworkMode: "host" },
    NetworkSettings: { Networks: { host: { NetworkID: "n-host", IPAddress: "" } } },
  },
  {
    Id: "c4",
    Names: ["/sidecar"],
    Ports: [{ PrivatePort: 9100, Type: "tcp" }],
    Labels: { prometheus: "true" },
    HostConfig: { NetworkMode: "container:c1" },
    NetworkSettings: { Networks: {} },
  },
  {
    Id: "c5",
    Names: ["/orphan"],
    Ports: [{ PrivatePort: 9100, Type: "tcp" }],
    Labels: {},
    HostConfig: { NetworkMode: "container:gone" },
    NetworkSettings: { Networks: {} },
  },
];

const network = (id: string, name: string, scope = "local") => ({
  Id: id,
  Name: name,
  Scope: scope,
  Driver: "bridge",
  Internal: name === "backend",
  Ingress: false,
  Labels: name === "shop_default" ? { "com.docker.compose.network": "default" } : {},
});

const fakeNetworks = [
  network("n-shop", "shop_default"),
  network("n-backend", "backend"),
  network("n-bridge", "bridge"),
  network("n-host", "host", "host"),
];

/** A Docker Engine of API version 1.47, on a port or, with a path, on a Unix socket. It knows the filter `label`. */
export async function startFakeDocker({
  socketPath,
  apiVersion = "1.47",
}: {
  socketPath?: string;
  apiVersion?: string;
} = {}) {
  const requests: string[] = [];
  const logs = new FakeDockerLogs();
  let failure: number | undefined;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? "", "http://docker");
    if (failure !== undefined) {
      response.writeHead(failure, { "content-type": "application/json" }).end('{"message":"the engine is busy"}');
      return;
    }
    if (url.pathname === "/_ping") {
      response.writeHead(200, { "api-version": apiVersion, "content-type": "text/plain" }).end("OK");
      return;
    }
    const [, version = "", path, id, what = ""] =
      /^\/v(1\.\d+)\/(containers\/json|networks|containers\/([\w-]+)\/(json|logs))$/.exec(url.pathname) ?? [];
    if (request.method !== "GET" || path === undefined) {
      response.writeHead(404).end('{"message":"page not found"}');
    } else if (Number(version.slice(2)) > Number(apiVersion.slice(2))) {
      response.writeHead(400).end(`{"message":"client version ${version} is too new"}`);
    } else if (id !== undefined) {
      logs.answer(id, what, url.searchParams, response);
    } else list(path, url.searchParams, response);
  }

  const fail = (status: number | undefined) => {
    failure = status;
  };
  if (socketPath === undefined) return { ...(await startHttpServer(handle)), requests, logs, fail };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
  return { url: `unix://${socketPath}`, requests, logs, fail, close, [Symbol.asyncDispose]: close };
}

function list(path: string, query: URLSearchParams, response: ServerResponse): void {
  const found = path === "networks" ? fakeNetworks : containersLike(query.get("filters"));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(found));
}

/** Both spellings of the API: a list of values, or a map of values to true. */
function containersLike(filters: string | null) {
  const { label = [] } = JSON.parse(filters ?? "{}") as { label?: string[] | Record<string, boolean> };
  const wanted = Array.isArray(label) ? label : Object.keys(label);
  return fakeContainers.filter(({ Labels: has }) =>
    wanted.every((pair) => {
      const [key = "", value] = pair.split("=");
      return (has as Record<string, string> | null)?.[key] === value;
    }),
  );
}
