import { join } from "node:path";
import { expect, test } from "vitest";
import { discoveryDocker } from "../../../src/components/discovery/docker.ts";
import { sortedTargets, startDiscovery } from "../../support/discovery-components.ts";
import { startFakeDocker } from "../../support/fake-docker.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("containers are found by a Unix socket, with the labels that Prometheus gives them", async () => {
  using dir = tempDir();
  await using docker = await startFakeDocker({ socketPath: join(dir.path, "docker.sock") });
  await using discovery = startDiscovery(discoveryDocker, { host: docker.url });
  const targets = sortedTargets(await discovery.untilTargets(6));
  expect(targets.map(({ __address__ }) => __address__)).toEqual([
    "172.17.0.3:80",
    "172.20.0.2:443",
    "172.20.0.2:80",
    "172.20.0.2:80",
    "172.20.0.2:9100",
    "localhost",
  ]);
  expect(targets[2]).toEqual({
    __address__: "172.20.0.2:80",
    __meta_docker_container_id: "c1",
    __meta_docker_container_label_com_docker_compose_project: "shop",
    __meta_docker_container_label_prometheus: "true",
    __meta_docker_container_name: "/web",
    __meta_docker_container_network_mode: "shop_default",
    __meta_docker_network_id: "n-backend",
    __meta_docker_network_ingress: "false",
    __meta_docker_network_internal: "true",
    __meta_docker_network_ip: "172.20.0.2",
    __meta_docker_network_name: "backend",
    __meta_docker_network_scope: "local",
    __meta_docker_port_private: "80",
    __meta_docker_port_public: "8080",
    __meta_docker_port_public_ip: "0.0.0.0",
  });
  expect(docker.requests).toEqual(["GET /_ping", "GET /v1.47/containers/json", "GET /v1.47/networks"]);
});

test("an engine is asked in the newest version that both know, by TCP as well, and with the filters", async () => {
  await using docker = await startFakeDocker({ apiVersion: "1.41" });
  const host = docker.url.replace("http:", "tcp:");
  const filters = [{ name: "label", values: ["prometheus=true"] }];
  await using discovery = startDiscovery(discoveryDocker, { host, filters, match_first_network: false });
  await discovery.untilTargets(8);
  const query = new URLSearchParams({ filters: '{"label":["prometheus=true"]}' });
  expect(docker.requests[1]).toBe(`GET /v1.41/containers/json?${query}`);
});

test("an engine that fails keeps the last good targets, and says what it said", async () => {
  await using docker = await startFakeDocker();
  await using discovery = startDiscovery(discoveryDocker, { host: docker.url, refresh_interval: "5s" });
  await discovery.untilTargets(6);
  docker.fail(500);
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(
    /containers\/json answers HTTP status 500: the engine is busy; the last good/,
  );
  expect(discovery.targets()).toHaveLength(6);
  docker.fail(undefined);
  await discovery.until(() => discovery.health().state === "healthy");
});

test("an engine that is not there is a failure that names the socket", async () => {
  await using discovery = startDiscovery(discoveryDocker, { host: "unix:///nowhere/docker.sock" });
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(/^there is no socket \/nowhere\/docker\.sock; the last good/);
});

test.each(["docker.sock", "unix://relative", "ftp://h", "tcp://", "npipe:////./pipe/docker"])(
  "%s is no host",
  (host) => {
    expect(discoveryDocker.config.safeParse({ host }).success).toBe(false);
  },
);
