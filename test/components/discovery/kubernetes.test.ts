import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discoveryKubernetes } from "../../../src/components/discovery/kubernetes.ts";
import { startDiscovery } from "../../support/discovery-components.ts";
import { type FakeObject, startFakeKubernetes } from "../../support/fake-kubernetes.ts";
import { tempDir } from "../../support/temp-dir.ts";

const pod = (name: string, ip: string, labels: Record<string, string> = {}): FakeObject => ({
  metadata: { name, namespace: "shop", labels },
  spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
  status: { phase: "Running", podIP: ip },
});

const node = (name: string, labels: Record<string, string>): FakeObject => ({ metadata: { name, labels }, status: {} });

type Kubernetes = Awaited<ReturnType<typeof startFakeKubernetes>>;

const start = (kubernetes: Kubernetes, config: object = {}) =>
  startDiscovery(discoveryKubernetes, { role: "pod", api_server: kubernetes.url, ...config });

const lastWatch = ({ requests }: Kubernetes) => requests.findLast((request) => request.includes("watch=true"));

test("pods that come, change and go are followed without listing again", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1"), pod("b", "10.0.0.2"));
  await using discovery = start(kubernetes);
  await discovery.untilTargets(2);
  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.put("pods", pod("a", "10.0.0.9"), pod("c", ""));
  kubernetes.remove("pods", pod("b", "10.0.0.2"));
  await discovery.until(() => String(discovery.addresses()) === "10.0.0.9");
  expect(kubernetes.requests).toEqual([
    "/api/v1/pods?limit=500",
    "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=3&timeoutSeconds=450",
  ]);
  expect(discovery.health()).toEqual({ state: "healthy" });
});

test("lists are read in pages", async () => {
  await using kubernetes = await startFakeKubernetes({ pageSize: 2 });
  kubernetes.put("pods", ...[1, 2, 3, 4, 5].map((n) => pod(`p${n}`, `10.0.0.${n}`)));
  await using discovery = start(kubernetes);
  await discovery.untilTargets(5);
  expect(kubernetes.requests.filter((request) => !request.includes("watch"))).toEqual([
    "/api/v1/pods?limit=500",
    "/api/v1/pods?limit=500&continue=page%2F%2B%3D0",
    "/api/v1/pods?limit=500&continue=page%2F%2B%3D1",
  ]);
});

test("a watch that ends or breaks off goes on from the last state, which bookmarks renew", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1"));
  await using discovery = start(kubernetes);
  await discovery.untilTargets(1);
  await discovery.until(() => kubernetes.watchers.size === 1);

  kubernetes.bookmark();
  const bookmarked = kubernetes.version();
  kubernetes.endWatches();
  await discovery.until(() => kubernetes.watchers.size === 0);
  kubernetes.put("pods", pod("b", "10.0.0.2"));
  await discovery.untilTargets(2);
  expect(lastWatch(kubernetes)).toContain(`resourceVersion=${bookmarked}&`);
  expect(discovery.health().state).toBe("healthy");

  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.breakWatches();
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(/^cannot watch api\/v1\/pods: connection closed by /);
  kubernetes.put("pods", pod("c", "10.0.0.3"));
  await discovery.untilTargets(3);
  await discovery.until(() => discovery.health().state === "healthy");
  expect(kubernetes.requests.filter((request) => !request.includes("watch"))).toHaveLength(1);
});

test("a state that is too old is listed anew, and what was missed is made good", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1"), pod("b", "10.0.0.2"));
  await using discovery = start(kubernetes);
  await discovery.untilTargets(2);
  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.compact();
  kubernetes.replaceSilently("pods", [pod("b", "10.0.0.2"), pod("c", "10.0.0.3")]);
  kubernetes.endWatches();
  await discovery.until(() => discovery.addresses().includes("10.0.0.3"));
  expect(discovery.addresses().sort()).toEqual(["10.0.0.2", "10.0.0.3"]);
  expect(discovery.health().state).toBe("healthy");
});

test("an outage keeps the last good targets", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1"));
  await using discovery = start(kubernetes);
  await discovery.untilTargets(1);
  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.fail(500);
  kubernetes.endWatches();
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(/^cannot watch api\/v1\/pods: .*\/api\/v1\/pods answers HTTP status 500/);
  await discovery.clock.advance(120_000);
  expect(discovery.addresses()).toEqual(["10.0.0.1"]);
  kubernetes.fail(undefined);
  await discovery.until(() => discovery.health().state === "healthy");
});

test("an empty list is doubted for two refreshes, a pod that is said to be gone is not", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1"), pod("b", "10.0.0.2"));
  await using discovery = start(kubernetes, { refresh_interval: "10s" });
  await discovery.untilTargets(2);
  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.remove("pods", pod("b", "10.0.0.2"));
  await discovery.untilTargets(1);
  kubernetes.compact();
  kubernetes.replaceSilently("pods", []);
  kubernetes.endWatches();
  await discovery.until(() => discovery.logs.some(({ message }) => /stay for now/.test(message)));
  expect(discovery.addresses()).toEqual(["10.0.0.1"]);
  await discovery.untilTargets(0);
});

test("what a target looks at besides changes it: its node, and the service and pods behind endpoints", async () => {
  await using kubernetes = await startFakeKubernetes();
  const reference = { kind: "Pod", namespace: "shop", name: "a" };
  kubernetes.put("endpoints", {
    metadata: { name: "web", namespace: "shop" },
    subsets: [
      {
        addresses: [{ ip: "10.0.0.1", nodeName: "node-1", targetRef: reference }],
        ports: [{ port: 80, protocol: "TCP" }],
      },
    ],
  });
  await using discovery = start(kubernetes, { role: "endpoints", attach_metadata: { node: true } });
  await discovery.untilTargets(1);
  await discovery.until(() => kubernetes.watchers.size === 4);
  const until = (name: string, value: string | undefined) =>
    discovery.until(() => discovery.targets()[0]?.[name] === value);
  kubernetes.put("pods", pod("a", "10.0.0.1", { app: "web" }));
  await until("__meta_kubernetes_pod_label_app", "web");
  kubernetes.put("nodes", node("node-1", { zone: "a" }));
  await until("__meta_kubernetes_node_label_zone", "a");
  kubernetes.put("nodes", node("node-1", { zone: "b" }));
  await until("__meta_kubernetes_node_label_zone", "b");
  kubernetes.put("services", { metadata: { name: "web", namespace: "shop", labels: { tier: "x" } }, spec: {} });
  await until("__meta_kubernetes_service_label_tier", "x");
  kubernetes.remove("services", { metadata: { name: "web", namespace: "shop" } });
  await until("__meta_kubernetes_service_label_tier", undefined);
});

test("namespaces and selectors narrow down what is asked for", async () => {
  await using kubernetes = await startFakeKubernetes();
  kubernetes.put("pods", pod("a", "10.0.0.1", { app: "web" }), pod("b", "10.0.0.2"));
  const selectors = [{ role: "pod", label: "app=web", field: "spec.nodeName=node-1" }];
  await using discovery = start(kubernetes, { namespaces: { names: ["shop", "other"] }, selectors });
  await discovery.untilTargets(1);
  const query = "?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Dnode-1&limit=500";
  expect(kubernetes.requests.slice(0, 2)).toEqual([
    `/api/v1/namespaces/shop/pods${query}`,
    `/api/v1/namespaces/other/pods${query}`,
  ]);
});

test("a namespace that may not be looked at keeps no other one waiting, and is followed when it may", async () => {
  await using kubernetes = await startFakeKubernetes();
  const other = pod("b", "10.0.0.2");
  kubernetes.put("pods", pod("a", "10.0.0.1"), { ...other, metadata: { ...other.metadata, namespace: "other" } });
  kubernetes.forbid("other");
  await using discovery = start(kubernetes, { namespaces: { names: ["shop", "other"] } });
  await discovery.untilTargets(1);
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(
    /^cannot watch api\/v1\/namespaces\/other\/pods: .* HTTP status 403: pods is forbidden in the namespace/,
  );
  kubernetes.put("pods", pod("c", "10.0.0.3"));
  await discovery.untilTargets(2);
  // What is missed there is made good as well.
  await discovery.until(() => kubernetes.watchers.size === 1);
  kubernetes.compact();
  kubernetes.replaceSilently("pods", [
    pod("c", "10.0.0.3"),
    { ...other, metadata: { ...other.metadata, namespace: "other" } },
  ]);
  kubernetes.endWatches();
  await discovery.until(() => String(discovery.addresses()) === "10.0.0.3");
  kubernetes.forbid(undefined);
  await discovery.untilTargets(2);
  await discovery.until(() => discovery.health().state === "healthy");
});

test("a kubeconfig is read anew when its token is not taken any more", async () => {
  using dir = tempDir();
  let token = "first";
  await using kubernetes = await startFakeKubernetes({ token: () => token });
  const kubeconfig = join(dir.path, "kubeconfig");
  const write = (text: string) =>
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: kubernetes.url } }],
        users: [{ name: "u", user: { token: text } }],
      }),
    );
  write(token);
  kubernetes.put("pods", pod("a", "10.0.0.1"));
  await using discovery = startDiscovery(discoveryKubernetes, { role: "pod", kubeconfig_file: kubeconfig });
  await discovery.untilTargets(1);
  await discovery.until(() => kubernetes.watchers.size === 1);
  token = "second";
  kubernetes.endWatches();
  await discovery.until(() => discovery.health().state === "unhealthy");
  expect(discovery.health().reason).toMatch(/answers HTTP status 401/);
  kubernetes.put("pods", pod("b", "10.0.0.2"));
  write("second");
  await discovery.untilTargets(2);
  expect(discovery.health().state).toBe("healthy");
});

test.each([
  [
    { kubeconfig_file: "k", api_server: "http://x" },
    "kubeconfig_file: set either api_server or kubeconfig_file, not both",
  ],
  [
    { api_server: "http://x", namespaces: { own_namespace: true } },
    "namespaces: own_namespace is for the cluster that the agent runs in, or for a kubeconfig",
  ],
  [{ bearer_token: "t" }, "bearer_token: is for api_server; a kubeconfig and the cluster itself bring their own"],
  [{ selectors: [{ role: "service" }] }, "selectors.0.role: the role pod looks at pod only"],
  [{ selectors: [{ role: "pod" }, { role: "pod" }] }, "selectors.1.role: there is a selector for pod already"],
])("%j is refused", (config, message) => {
  const { error } = discoveryKubernetes.config.safeParse({ role: "pod", ...config });
  expect(error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)).toEqual([message]);
});
