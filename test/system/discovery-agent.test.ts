import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { fakeCluster } from "../support/fake-cluster.ts";
import { fakeServices, startFakeConsul } from "../support/fake-consul.ts";
import { startFakeDocker } from "../support/fake-docker.ts";
import { fakeFleet, startFakeEc2 } from "../support/fake-ec2.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

test("an agent finds targets in clouds, catalogues and clusters, and relabels them for a scrape", async () => {
  using dir = tempDir();
  const keys = [{ accessKeyId: "AKIDMINE", secret: "canary" }];
  await using ec2 = await startFakeEc2({ keys, instances: () => fakeFleet });
  await using consul = await startFakeConsul();
  await using docker = await startFakeDocker({ socketPath: join(dir.path, "docker.sock") });
  await using kubernetes = await startFakeKubernetes();
  consul.set(fakeServices);
  for (const [plural, objects] of Object.entries(fakeCluster)) kubernetes.put(plural, ...objects);

  const path = join(dir.path, "sonde.yaml");
  const sources = ["ec2", "consul", "docker", "kubernetes"].map((type) => `discovery.${type}.x`);
  writeFileSync(
    path,
    `
discovery.ec2.x:
  region: eu-west-1
  endpoint: ${ec2.url}
  access_key: AKIDMINE
  secret_key: canary
discovery.consul.x: { server: "${consul.url.replace("http://", "")}" }
discovery.docker.x: { host: "${docker.url}" }
discovery.kubernetes.x: { role: endpoints, api_server: "${kubernetes.url}" }
discovery.relabel.x:
  targets: [${sources.join(", ")}]
  rules:
    - { source_labels: [__address__], regex: none, action: keep }
prometheus.scrape.x:
  targets: [discovery.relabel.x]
  forward_to: [prometheus.echo.x]
prometheus.echo.x: {}
`,
  );
  await using sonde = await startSonde(path);
  await eventually(async () => {
    const response = await fetch(`${sonde.url}/api/v1/components/discovery.relabel.x`);
    const { data } = (await response.json()) as { data: { debug: object } };
    expect(data.debug).toEqual({ received: 3 + 4 + 6 + 7, kept: 0, dropped: 20 });
  });
  const { stdout, stderr } = await sonde.process.stop();
  expect(stdout + stderr).not.toContain("canary");
}, 60_000);
