import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HttpServer, startHttpServer } from "../../src/http/server.ts";
import { urlOf } from "../../src/lib/listen-address.ts";
import { edge, type FakeAgent, fakeAgent, fakeGraph, healthyHost, illScrape } from "./fake-agent.ts";

let agent: FakeAgent;
let server: HttpServer;
let bugs: unknown[];

beforeEach(async () => {
  agent = fakeAgent();
  bugs = [];
  server = await startHttpServer({ host: "127.0.0.1", port: 0 }, agent, (bug) => bugs.push(bug));
});

afterEach(() => server.close());

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(urlOf(server.address) + path, init);
}

/** Code and body, as curl would show them. */
async function told(path: string, init: RequestInit = {}): Promise<string> {
  const response = await ask(path, init);
  return `${response.status} ${await response.text()}`;
}

const json = { headers: { Accept: "application/json" } };

test("/-/ready says whether the agent has started", async () => {
  expect(await told("/-/ready")).toBe("200 Ready.\n");
  agent.view = undefined;
  expect(await told("/-/ready")).toBe("503 Starting.\n");
});

test("/-/healthy names each component that is ill, with the reason", async () => {
  expect(await told("/-/healthy")).toBe(
    "500 1 of 2 components is unhealthy.\nprometheus.scrape.host: the port <9100> is closed\n",
  );
  agent.view = fakeGraph([healthyHost]);
  expect(await told("/-/healthy")).toBe("200 All components are healthy.\n");
});

test("a component that has exited is ill too", async () => {
  const health = { state: "exited", reason: "", since: 0 } as const;
  agent.view = fakeGraph([{ ...healthyHost, health }, illScrape]);
  expect(await told("/-/healthy")).toBe(
    "500 2 of 2 components are unhealthy.\n" +
      "prometheus.exporter.unix.host: exited\n" +
      "prometheus.scrape.host: the port <9100> is closed\n",
  );
});

test("/-/healthy answers in JSON when asked to", async () => {
  const response = await ask("/-/healthy", json);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    status: "error",
    errorType: "unhealthy",
    error: "1 of 2 components is unhealthy.",
    data: { unhealthy: [{ id: illScrape.id, health: illScrape.health }] },
  });
  agent.view = fakeGraph([healthyHost]);
  expect(await told("/-/healthy", json)).toBe('200 {"status":"success","data":{"unhealthy":[]}}\n');
});

test("POST /-/reload says what was done", async () => {
  expect(await told("/-/reload", { method: "POST" })).toBe("200 1 started, 0 changed, 0 stopped, 3 untouched\n");
  expect(await told("/-/reload", { method: "POST", ...json })).toBe(
    '200 {"status":"success","data":{"summary":"1 started, 0 changed, 0 stopped, 3 untouched"}}\n',
  );
  expect(agent.reloads).toBe(2);
});

test("a config that is refused comes back with its mistakes, as text or as JSON", async () => {
  agent.outcome = { ok: false, text: "sonde.yaml:3:5: unknown field `urll`", diagnostics: [{ line: 3 }] };
  expect(await told("/-/reload", { method: "POST" })).toBe("400 sonde.yaml:3:5: unknown field `urll`\n");
  const response = await ask("/-/reload", { method: "POST", ...json });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    status: "error",
    errorType: "bad_config",
    error: "the config is refused; nothing has changed",
    data: { diagnostics: [{ line: 3 }] },
  });
});

test("a reload must be a POST", async () => {
  const response = await ask("/-/reload");
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
  expect(await response.text()).toBe("/-/reload takes POST, not GET\n");
  expect(agent.reloads).toBe(0);
});

test("a page takes GET and HEAD", async () => {
  const head = await ask("/-/ready", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "7", ""]);
  const post = await ask("/-/ready", { method: "POST" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("/metrics has the self-metrics in the text format", async () => {
  const response = await ask("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await response.text()).toBe("# HELP up Up.\n# TYPE up gauge\nup 1\n");
});

test("the API lists components, shows one, and the graph", async () => {
  expect(await (await ask("/api/v1/components")).json()).toEqual({ status: "success", data: [healthyHost, illScrape] });
  expect(await (await ask("/api/v1/components/prometheus.scrape.host")).json()).toEqual({
    status: "success",
    data: { ...illScrape, config: { scrape_interval: "15s" }, inputs: [edge], outputs: [], debug: { targets: 1 } },
  });
  const graph = await ask("/api/v1/graph");
  expect(graph.headers.get("content-type")).toBe("application/json");
  expect(await graph.json()).toEqual({
    status: "success",
    data: { components: [healthyHost, illScrape], edges: [edge] },
  });
});

test("a route sees the query", async () => {
  const targets = (id: string) => ({ id, active: [], dropped: [], droppedCount: 0 });
  agent.view = fakeGraph([], [], [targets("a.b?c"), targets("d")]);
  expect(await told("/api/v1/targets?state=dropped&scrapePool=a.b?c")).toBe(
    '200 {"status":"success","data":{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{"a.b?c":0}}}\n',
  );
});

test("an id that does not exist is answered with the one that was meant", async () => {
  expect(await told("/api/v1/components/prometheus.scrape.hots")).toBe(
    '404 {"status":"error","errorType":"not_found","error":"there is no component `prometheus.scrape.hots`; ' +
      'did you mean `prometheus.scrape.host`?"}\n',
  );
  expect(await told("/api/v1/components/x")).toBe(
    '404 {"status":"error","errorType":"not_found","error":"there is no component `x`"}\n',
  );
});

test("the API says so while the agent starts", async () => {
  agent.view = undefined;
  const starting = '503 {"status":"error","errorType":"unavailable","error":"the agent is starting"}\n';
  expect(await told("/api/v1/components")).toBe(starting);
  expect(await told("/api/v1/components/a.b")).toBe(starting);
  expect(await told("/api/v1/graph")).toBe(starting);
  expect(await told("/api/v1/targets")).toBe(starting);
});

test("an unknown page is one line", async () => {
  expect(await told("/grpah?x=1")).toBe("404 there is no page /grpah; / links to all\n");
  expect(await told("/%zz")).toBe("404 there is no page of this name; / links to all\n");
});

test("a bug in a handler is a 500 with one line, and is handed on", async () => {
  const bug = new Error("BUG: impossible");
  agent.renderMetrics = () => Promise.reject(bug);
  expect(await told("/metrics")).toBe("500 internal error; the agent's log says more\n");
  expect(bugs).toEqual([bug]);
});

test("every answer forbids to be framed, guessed at, or to load from elsewhere", async () => {
  for (const path of ["/", "/-/ready", "/nothing"]) {
    const { headers } = await ask(path);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
  }
});

/** fetch does not let anybody choose the Host header. */
function askAs(headers: Record<string, string>, method = "GET", path = "/-/ready"): Promise<string> {
  const { host, port } = server.address;
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${body}`));
    });
    sent.on("error", reject).end();
  });
}

test("a foreign name that points at loopback is not served", async () => {
  const f = async (host: string, want: string) => expect(await askAs({ Host: host })).toBe(want);

  await f("localhost:12345", "200 Ready.\n");
  await f("LOCALHOST", "200 Ready.\n");
  await f("127.0.0.1", "200 Ready.\n");
  await f("[::1]:1", "200 Ready.\n");
  await f("evil.example:12345", '403 the host "evil.example:12345" is not served here; use localhost\n');
  await f("127.0.0.1.evil.example", '403 the host "127.0.0.1.evil.example" is not served here; use localhost\n');
  await f("evil@localhost:x", '403 the host "evil@localhost:x" is not served here; use localhost\n');
});

test("a page of somebody else cannot make a browser reload the agent", async () => {
  const f = async (origin: string, want: string) =>
    expect(await askAs({ Host: "localhost:12345", Origin: origin }, "POST", "/-/reload")).toBe(want);

  await f("https://evil.example", "403 a page of https://evil.example may not ask this of the agent\n");
  await f("null", "403 a page of null may not ask this of the agent\n");
  await f("http://localhost:8080", "403 a page of http://localhost:8080 may not ask this of the agent\n");
  expect(agent.reloads).toBe(0);
  await f("http://localhost:12345", "200 1 started, 0 changed, 0 stopped, 3 untouched\n");
});

test("a taken port is one clear line", async () => {
  const { port } = server.address;
  await expect(startHttpServer({ host: "127.0.0.1", port }, agent)).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: the address is in use (is another sonde running? set http.listen_address)`,
  );
});

test("a browser gets JSON with a line for each field, and a program gets it on one line", async () => {
  const path = "/api/v1/components/prometheus.scrape.host";
  const browser = await (await ask(path, { headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } })).text();
  const program = await (await ask(path, json)).text();
  expect(browser.split("\n").slice(0, 4)).toEqual([
    "{",
    '  "status": "success",',
    '  "data": {',
    '    "id": "prometheus.scrape.host",',
  ]);
  expect(program.trimEnd()).not.toContain("\n");
  expect(JSON.parse(browser)).toEqual(JSON.parse(program));
});
