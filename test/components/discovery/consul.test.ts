import { expect, test } from "vitest";
import { discoveryConsul } from "../../../src/components/discovery/consul.ts";
import { sortedTargets, startDiscovery } from "../../support/discovery-components.ts";
import { type FakeService, fakeServices, startFakeConsul } from "../../support/fake-consul.ts";

const often = { refresh_interval: "2s" };
const server = (consul: { url: string }) => consul.url.replace("http://", "");
const web = (n: number): FakeService => ({
  id: `web-${n}`,
  service: "web",
  node: "n",
  nodeAddress: `10.0.0.${n}`,
  port: 80,
});
const db: FakeService = { id: "db", service: "db", node: "n", nodeAddress: "10.0.0.9", port: 5432 };

test("services have all labels that Prometheus gives them", async () => {
  await using consul = await startFakeConsul();
  consul.set(fakeServices);
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), ...often });
  expect(sortedTargets(await discovery.untilTargets(4))).toEqual([
    {
      __address__: "10.0.0.2:8080",
      __meta_consul_address: "10.0.0.2",
      __meta_consul_dc: "dc1",
      __meta_consul_health: "passing",
      __meta_consul_node: "node-2",
      __meta_consul_service: "web",
      __meta_consul_service_id: "web-2",
      __meta_consul_service_port: "8080",
      __meta_consul_tags: ",test,",
    },
    {
      __address__: "10.0.0.3:0",
      __meta_consul_address: "10.0.0.3",
      __meta_consul_dc: "dc1",
      __meta_consul_node: "node-3",
      __meta_consul_service: "odd",
      __meta_consul_service_id: "odd",
      __meta_consul_service_port: "0",
      __meta_consul_tags: ",,",
    },
    {
      __address__: "10.1.0.1:8080",
      __meta_consul_address: "10.0.0.1",
      __meta_consul_dc: "dc1",
      __meta_consul_health: "warning",
      __meta_consul_metadata_rack: "r1",
      __meta_consul_namespace: "default",
      __meta_consul_node: "node-1",
      __meta_consul_partition: "default",
      __meta_consul_service: "web",
      __meta_consul_service_address: "10.1.0.1",
      __meta_consul_service_id: "web-1",
      __meta_consul_service_metadata_build_id: "x",
      __meta_consul_service_metadata_version: "1.2",
      __meta_consul_service_port: "8080",
      __meta_consul_tagged_address_lan: "10.0.0.1",
      __meta_consul_tagged_address_wan_ipv4: "52.0.0.1",
      __meta_consul_tags: ",prod,metrics,",
    },
    {
      __address__: "[2001:db8::2]:5432",
      __meta_consul_address: "2001:db8::2",
      __meta_consul_dc: "dc1",
      __meta_consul_health: "maintenance",
      __meta_consul_node: "node-2",
      __meta_consul_service: "db main",
      __meta_consul_service_id: "db",
      __meta_consul_service_port: "5432",
      __meta_consul_tags: ",,",
    },
  ]);
  expect(discovery.health()).toEqual({ state: "healthy" });
});

test("services that come, change and go are followed by blocking queries", async () => {
  await using consul = await startFakeConsul();
  consul.set([web(1)]);
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), ...often });
  await discovery.untilTargets(1);
  await discovery.until(() => consul.waiting() === 2);
  expect(consul.requests.slice(-2).sort()).toEqual([
    "/v1/catalog/services?stale=&index=2&wait=120000ms",
    "/v1/health/service/web?stale=&index=2&wait=120000ms",
  ]);
  consul.set([web(1), web(2), db]);
  await discovery.untilTargets(3);
  consul.set([web(2)]);
  await discovery.until(() => String(discovery.addresses()) === "10.0.0.2:80");
});

test("a wait that ends without news wakes nobody, and an index that goes back is forgotten", async () => {
  await using consul = await startFakeConsul();
  consul.set([web(1)], 100);
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), ...often, services: ["web"] });
  await discovery.untilTargets(1);
  await discovery.until(() => consul.waiting() === 1);
  consul.endWaits();
  await discovery.until(() => consul.waiting() === 1);
  expect(discovery.sets()).toBe(1);
  expect(consul.requests.filter((request) => request.includes("catalog"))).toEqual([]);

  // A new cluster, whose counting has begun anew.
  consul.set([web(2)], 3);
  consul.endWaits();
  await discovery.until(() => String(discovery.addresses()) === "10.0.0.2:80");
  // What happened between the old and the new counting is not to be missed: the next answer is not waited for.
  await discovery.until(() => consul.requests.at(-1)?.includes("index=3"));
  expect(consul.requests.filter((request) => request.includes("health") && !request.includes("index="))).toHaveLength(
    2,
  );
});

test("an outage keeps the last good targets, and its end is noticed", async () => {
  await using consul = await startFakeConsul();
  consul.set([web(1), db]);
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), ...often });
  await discovery.untilTargets(2);
  await discovery.until(() => consul.waiting() === 3);
  consul.fail(500);
  await discovery.until(() => discovery.health().state === "unhealthy");
  await discovery.clock.advance(60_000);
  expect(discovery.health().reason).toMatch(
    /^cannot ask Consul for .*: 127\.0\.0\.1:\d+\/v1\/\S+ answers HTTP status 500: rpc error: no cluster leader/,
  );
  expect(discovery.addresses().sort()).toEqual(["10.0.0.1:80", "10.0.0.9:5432"]);
  consul.fail(undefined);
  consul.set([web(1), web(3), db]);
  await discovery.untilTargets(3);
  await discovery.until(() => discovery.health().state === "healthy");
});

test("an empty catalogue is doubted for two refreshes", async () => {
  await using consul = await startFakeConsul();
  consul.set([web(1)]);
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), refresh_interval: "10s" });
  await discovery.untilTargets(1);
  await discovery.until(() => consul.waiting() === 2);
  consul.set([]);
  await discovery.until(() => discovery.logs.some(({ message }) => /stay for now/.test(message)));
  expect(discovery.addresses()).toEqual(["10.0.0.1:80"]);
  await discovery.untilTargets(0);
});

test("token, place, tags, metadata and filters are part of the questions", async () => {
  await using consul = await startFakeConsul({ token: "canary" });
  consul.set(fakeServices);
  const config = {
    server: server(consul),
    token: "canary",
    datacenter: "dc7",
    namespace: "team",
    partition: "p",
    services: ["web"],
    tags: ["prod", "metrics"],
    node_meta: { rack: "r1" },
    filter: 'ServiceMeta.version == "1.2"',
    health_filter: "Service.Port == 8080",
    tag_separator: "|",
    allow_stale: false,
  };
  await using discovery = startDiscovery(discoveryConsul, config);
  const [target] = await discovery.untilTargets(1);
  expect(target).toMatchObject({ __meta_consul_dc: "dc7", __meta_consul_tags: "|prod|metrics|" });
  const place = "dc=dc7&ns=team&partition=p";
  expect(consul.requests.slice(0, 2)).toEqual([
    `/v1/catalog/services?${place}&wait=120000ms&node-meta=rack%3Ar1&filter=ServiceMeta.version+%3D%3D+%221.2%22`,
    `/v1/health/service/web?${place}&wait=120000ms&node-meta=rack%3Ar1&filter=Service.Port+%3D%3D+8080&tag=prod&tag=metrics`,
  ]);
});

test("a wrong token is a failure that does not show it", async () => {
  await using consul = await startFakeConsul({ token: "right" });
  await using discovery = startDiscovery(discoveryConsul, { server: server(consul), token: "canary" });
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(/\/v1\/agent\/self answers HTTP status 403: ACL not found/);
  expect(JSON.stringify([discovery.health(), discovery.logs])).not.toContain("canary");
});

test.each([
  [{ server: "http://consul:8500" }, "server: expected host:port"],
  [{ username: "u", basic_auth: { username: "u" } }, "username: basic_auth is set already"],
  [
    { token: "t", authorization: { credentials: "c" } },
    "token: only one way to authenticate: authorization or oauth2 is set already",
  ],
  [{ username: "u", bearer_token: "t" }, "bearer_token: only one way to authenticate: basic_auth is set already"],
])("%j is refused", (config, message) => {
  const { error } = discoveryConsul.config.safeParse(config);
  expect(error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)).toEqual([message]);
});
