import { expect, test } from "vitest";
import type { Component } from "../../src/component.ts";
import { discoveryDocker } from "../../src/components/discovery/docker.ts";
import { discoveryEc2 } from "../../src/components/discovery/ec2.ts";
import { discoveryKubernetes } from "../../src/components/discovery/kubernetes.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { type LabelRecord, sortedTargets, startDiscovery } from "../support/discovery-components.ts";
import { eventually } from "../support/eventually.ts";
import { fakeCluster } from "../support/fake-cluster.ts";
import { startFakeDocker } from "../support/fake-docker.ts";
import { fakeFleet, startFakeEc2 } from "../support/fake-ec2.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { startPrometheus } from "../support/servers.ts";

const keys = [{ accessKeyId: "AKIDMINE", secret: "canary" }];
const keyFields = { access_key: "AKIDMINE", secret_key: "canary" };

/** A mechanism, how it is configured in both, and how many targets there are to find. */
interface Case {
  readonly mechanism: string;
  readonly component: Component;
  readonly config: object;
  /** Only where the two have to be told different things. */
  readonly ours?: object;
  readonly count: number;
}

await describeWithServers("discovery beside a real Prometheus", ["prometheus"], () => {
  test("the same targets with the same labels are found in EC2 and Docker", async () => {
    // The signature holds the time, and Sonde's clock is a fake here: each has an EC2 of its own.
    await using ec2 = await startFakeEc2({ keys, instances: () => fakeFleet, pageSize: 2 });
    await using ourEc2 = await startFakeEc2({
      keys,
      instances: () => fakeFleet,
      pageSize: 2,
      now: () => Date.UTC(2026, 0, 1),
    });
    await using docker = await startFakeDocker();
    const filters = [{ name: "instance-state-name", values: ["running"] }];
    const host = docker.url.replace("http://", "tcp://");
    await compare([
      {
        mechanism: "ec2",
        component: discoveryEc2,
        config: { region: "eu-west-1", endpoint: ec2.url, ...keyFields, port: 9100 },
        ours: { endpoint: ourEc2.url },
        count: 3,
      },
      {
        mechanism: "ec2",
        component: discoveryEc2,
        config: { region: "eu-west-1", endpoint: ec2.url, ...keyFields, filters },
        ours: { endpoint: ourEc2.url },
        count: 2,
      },
      { mechanism: "docker", component: discoveryDocker, config: { host }, count: 6 },
      {
        mechanism: "docker",
        component: discoveryDocker,
        config: { host, match_first_network: false, port: 1 },
        count: 10,
      },
      {
        mechanism: "docker",
        component: discoveryDocker,
        config: { host, host_networking_host: "vm", filters: [{ name: "label", values: ["prometheus=true"] }] },
        count: 4,
      },
    ]);
  }, 60_000);
});

await describeWithServers("discovery.kubernetes beside a real Prometheus", ["prometheus"], () => {
  test("the same targets with the same labels are found in every role", async () => {
    await using kubernetes = await startFakeKubernetes();
    for (const [plural, objects] of Object.entries(fakeCluster)) kubernetes.put(plural, ...objects);
    const roleCase = (role: string, count: number, more: object = {}): Case => ({
      mechanism: "kubernetes",
      component: discoveryKubernetes,
      config: { role, api_server: kubernetes.url, ...more },
      count,
    });
    const node = { attach_metadata: { node: true } };
    await compare([
      roleCase("node", 2),
      roleCase("pod", 6),
      roleCase("pod", 6, node),
      roleCase("service", 4),
      roleCase("endpoints", 7),
      roleCase("endpoints", 7, node),
      roleCase("endpointslice", 11),
      roleCase("endpointslice", 11, node),
      roleCase("ingress", 5),
      roleCase("pod", 5, { namespaces: { names: ["shop"] }, selectors: [{ role: "pod", label: "app=web" }] }),
      roleCase("endpoints", 6, { namespaces: { names: ["shop"] } }),
    ]);
  }, 60_000);
});

async function compare(cases: readonly Case[]): Promise<void> {
  const scrape_configs = cases.map(({ mechanism, config }, number) => ({
    job_name: `case-${number}`,
    [`${mechanism}_sd_configs`]: [config],
    // Nothing is scraped, and the API shows what was dropped.
    relabel_configs: [{ action: "drop" }],
  }));
  await using prometheus = await startPrometheus({ config: JSON.stringify({ scrape_configs }) });
  for (const [number, { component, config, ours, count }] of cases.entries()) {
    const expected = await eventually(async () => {
      const targets = await droppedTargets(prometheus.url, `case-${number}`);
      if (targets.length !== count)
        throw new Error(`case ${number}: Prometheus has ${targets.length} targets, not ${count}`);
      return sortedTargets(targets);
    });
    await using discovery = startDiscovery(component, { ...config, ...ours });
    const found = await discovery.until(() => discovery.targets().length > 0 && discovery.targets());
    expect(sortedTargets(found), `case ${number}`).toEqual(expected);
  }
}

/** What discovery found for a job, without what the scrape's config adds. */
async function droppedTargets(url: string, wanted: string): Promise<LabelRecord[]> {
  const response = await fetch(`${url}/api/v1/targets?state=dropped`);
  const { data } = (await response.json()) as { data: { droppedTargets: { discoveredLabels: LabelRecord }[] } };
  return data.droppedTargets
    .map(({ discoveredLabels }) => discoveredLabels)
    .filter(({ job }) => job === wanted)
    .map(({ job, __scheme__, __metrics_path__, __scrape_interval__, __scrape_timeout__, ...labels }) => labels);
}
