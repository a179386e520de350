import type { FakeObject } from "./fake-kubernetes.ts";

/** The objects of a small cluster, with everything that roles look at, present and absent. */
export const fakeCluster: Readonly<Record<string, readonly FakeObject[]>> = {
  nodes: [
    {
      metadata: {
        name: "node-1",
        labels: { "kubernetes.io/arch": "amd64", zone: "a" },
        annotations: { "node.alpha.kubernetes.io/ttl": "0" },
      },
      spec: { providerID: "aws:///eu-west-1a/i-1" },
      status: {
        addresses: [
          { type: "Hostname", address: "node-1.internal" },
          { type: "InternalIP", address: "10.0.0.1" },
          { type: "InternalIP", address: "10.0.1.1" },
          { type: "ExternalIP", address: "52.0.0.1" },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      },
    },
    {
      metadata: { name: "node-2" },
      status: {
        addresses: [
          { type: "Hostname", address: "node-2.internal" },
          { type: "ExternalDNS", address: "node-2.example.com" },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      },
    },
    { metadata: { name: "node-bare" }, status: {} },
  ],
  pods: [
    {
      metadata: {
        name: "web-1",
        namespace: "shop",
        uid: "uid-web-1",
        labels: { app: "web", "app.kubernetes.io/name": "web" },
        annotations: { "prometheus.io/scrape": "true" },
        ownerReferences: [
          { apiVersion: "v1", kind: "Other", name: "o", uid: "1" },
          { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-abc", uid: "2", controller: true },
        ],
        managedFields: [{ manager: "kubelet" }],
      },
      spec: {
        nodeName: "node-1",
        containers: [
          {
            name: "app",
            image: "web:1",
            ports: [
              { name: "http", containerPort: 8080, protocol: "TCP" },
              { name: "admin", containerPort: 9000, protocol: "TCP" },
            ],
          },
          { name: "log", image: "log:1" },
        ],
        initContainers: [{ name: "init", image: "init:1", ports: [{ containerPort: 1, protocol: "UDP" }] }],
      },
      status: {
        phase: "Running",
        podIP: "10.1.0.1",
        hostIP: "10.0.0.1",
        conditions: [
          { type: "Initialized", status: "True" },
          { type: "Ready", status: "True" },
        ],
        containerStatuses: [
          { name: "app", containerID: "containerd://app", ready: true, restartCount: 0, image: "", imageID: "" },
        ],
        initContainerStatuses: [
          { name: "init", containerID: "containerd://init", ready: true, restartCount: 0, image: "", imageID: "" },
        ],
      },
    },
    {
      metadata: { name: "web-2", namespace: "shop", uid: "uid-web-2", labels: { app: "web" } },
      spec: {
        nodeName: "node-2",
        containers: [{ name: "app", image: "web:1", ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }] }],
      },
      status: {
        phase: "Pending",
        podIP: "2001:db8::2",
        hostIP: "10.0.0.2",
        conditions: [{ type: "Ready", status: "False" }],
      },
    },
    {
      metadata: { name: "starting", namespace: "shop", uid: "uid-3" },
      spec: { containers: [{ name: "app", image: "web:1" }] },
      status: { phase: "Pending" },
    },
    {
      metadata: { name: "other", namespace: "other", uid: "uid-4" },
      spec: { nodeName: "node-gone", containers: [{ name: "app", image: "x" }] },
      status: { phase: "Running", podIP: "10.1.0.9" },
    },
  ],
  services: [
    {
      metadata: { name: "web", namespace: "shop", labels: { app: "web" }, annotations: { note: "hello" } },
      spec: {
        type: "LoadBalancer",
        clusterIP: "10.96.0.1",
        loadBalancerIP: "52.0.0.9",
        ports: [
          { name: "http", port: 80, protocol: "TCP", targetPort: 8080 },
          { port: 443, protocol: "TCP", targetPort: 8443 },
        ],
      },
    },
    {
      metadata: { name: "elsewhere", namespace: "shop" },
      spec: { type: "ExternalName", externalName: "db.example.com", ports: [{ port: 5432, protocol: "TCP" }] },
    },
    {
      metadata: { name: "internal", namespace: "other" },
      spec: { type: "ClusterIP", clusterIP: "None", ports: [{ name: "m", port: 9100, protocol: "TCP" }] },
    },
  ],
  endpoints: [
    {
      metadata: { name: "web", namespace: "shop", labels: { app: "web", "endpoints.kubernetes.io/managed-by": "x" } },
      subsets: [
        {
          addresses: [
            {
              ip: "10.1.0.1",
              nodeName: "node-1",
              hostname: "web-one",
              targetRef: { kind: "Pod", namespace: "shop", name: "web-1" },
            },
            { ip: "10.9.9.9" },
            { ip: "10.0.0.2", targetRef: { kind: "Node", name: "node-2" } },
          ],
          notReadyAddresses: [
            { ip: "2001:db8::2", nodeName: "node-2", targetRef: { kind: "Pod", namespace: "shop", name: "web-2" } },
          ],
          ports: [{ name: "http", port: 8080, protocol: "TCP" }],
        },
      ],
    },
    {
      metadata: { name: "orphan", namespace: "other" },
      subsets: [
        {
          addresses: [{ ip: "10.1.0.8", targetRef: { kind: "Pod", namespace: "other", name: "gone" } }],
          ports: [{ port: 9100, protocol: "TCP" }],
        },
      ],
    },
  ],
  endpointslices: [
    {
      metadata: { name: "web-xyz", namespace: "shop", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      endpoints: [
        {
          addresses: ["10.1.0.1", "10.1.0.11"],
          conditions: { ready: true, serving: true, terminating: false },
          hostname: "web-one",
          nodeName: "node-1",
          zone: "eu-west-1a",
          targetRef: { kind: "Pod", namespace: "shop", name: "web-1" },
          deprecatedTopology: { "topology.kubernetes.io/rack": "r1" },
        },
        { addresses: ["10.9.9.9"], conditions: {} },
        { addresses: ["10.0.0.2"], conditions: { ready: false }, targetRef: { kind: "Node", name: "node-2" } },
      ],
      ports: [
        { name: "http", port: 8080, protocol: "TCP", appProtocol: "http" },
        { name: "https", port: 8443, protocol: "TCP" },
      ],
    },
    {
      metadata: { name: "bare", namespace: "other" },
      addressType: "FQDN",
      endpoints: [{ addresses: ["db.example.com"], conditions: { ready: true } }],
      ports: [{ name: "", protocol: "TCP" }],
    },
  ],
  ingresses: [
    {
      metadata: { name: "shop", namespace: "shop", labels: { app: "web" } },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["*.example.com", "exact.org"] }, {}],
        rules: [
          {
            host: "shop.example.com",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: {} },
                { path: "/api", pathType: "Prefix", backend: {} },
                { pathType: "ImplementationSpecific", backend: {} },
              ],
            },
          },
          { host: "deep.shop.example.com", http: { paths: [{ path: "/x", pathType: "Prefix", backend: {} }] } },
          { host: "exact.org" },
        ],
      },
    },
    {
      metadata: { name: "empty", namespace: "other" },
      spec: { defaultBackend: { service: { name: "x", port: { number: 80 } } } },
    },
  ],
};
