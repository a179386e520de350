import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Component } from "../../src/component.ts";
import { discoveryConsul } from "../../src/components/discovery/consul.ts";
import { discoveryDocker } from "../../src/components/discovery/docker.ts";
import { discoveryEc2 } from "../../src/components/discovery/ec2.ts";
import { discoveryKubernetes } from "../../src/components/discovery/kubernetes.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { type LabelRecord, sortedTargets, startDiscovery } from "../support/discovery-components.ts";
import { eventually } from "../support/eventually.ts";
import { fakeCluster } from "../support/fake-cluster.ts";
import { fakeServices, startFakeConsul } from "../support/fake-consul.ts";
import { startFakeDocker } from "../support/fake-docker.ts";
import { fakeFleet, startFakeEc2 } from "../support/fake-ec2.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { freePort } from "../support/http-server.ts";
import { TestProcess } from "../support/process.ts";
import { programPath, startPrometheus } from "../support/servers.ts";
import { tempDir } from "../support/temp-dir.ts";

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
    const session = { accessKeyId: "ASIAROLE", secret: "canary-role", sessionToken: "session" };
    await using ec2 = await startFakeEc2({ keys, session, instances: () => fakeFleet, pageSize: 2 });
    await using ourEc2 = await startFakeEc2({
      keys,
      session,
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
        config: { region: "eu-west-1", endpoint: ec2.url, ...keyFields, role_arn: "arn:aws:iam::1:role/r" },
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

// Debian's Prometheus is built without Consul.
await describeWithServers("discovery.consul beside a real vmagent", ["vmagent"], () => {
  test("the same services with the same labels are found", async () => {
    await using consul = await startFakeConsul({ token: "canary" });
    consul.set(fakeServices);
    const config = { server: consul.url.replace("http://", ""), token: "canary" };
    await using discovery = startDiscovery(discoveryConsul, config);
    const found = sortedTargets(await discovery.untilTargets(4));

    const url = `http://127.0.0.1:${await freePort()}`;
    await using _vmagent = await startVmagent(url, {
      scrape_configs: [{ job_name: "c", consul_sd_configs: [config], relabel_configs: [dropAll] }],
    });
    const theirs = await eventually(async () => {
      const targets = await droppedTargets(url, "c");
      if (targets.length !== 4) throw new Error(`vmagent has ${targets.length} targets`);
      return sortedTargets(targets.map(withoutExtras));
    });
    expect(found).toEqual(theirs);
  }, 60_000);
});

/** vmagent shows empty labels, and has two more for each tag. */
function withoutExtras(labels: LabelRecord): LabelRecord {
  return Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => value !== "" && !/^__meta_consul_tag(present)?_/.test(name)),
  );
}

async function startVmagent(url: string, config: object): Promise<AsyncDisposable> {
  const dir = tempDir();
  writeFileSync(join(dir.path, "scrape.yml"), JSON.stringify(config));
  const process = new TestProcess(await programPath("vmagent"), [
    `-promscrape.config=${join(dir.path, "scrape.yml")}`,
    `-httpListenAddr=${new URL(url).host}`,
    `-remoteWrite.url=${url}/nowhere`,
    `-remoteWrite.tmpDataPath=${join(dir.path, "data")}`,
  ]);
  return { [Symbol.asyncDispose]: () => process.stop().then(() => dir.remove()) };
}

/** Nothing is scraped, and the API shows what was dropped. */
const dropAll = { source_labels: ["job"], regex: ".*", action: "drop" };

async function compare(cases: readonly Case[]): Promise<void> {
  const scrape_configs = cases.map(({ mechanism, config }, number) => ({
    job_name: `case-${number}`,
    [`${mechanism}_sd_configs`]: [config],
    relabel_configs: [dropAll],
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
