import { describe, expect, test } from "vitest";
import { Ec2Search } from "../../src/engines/discovery/ec2/ec2.ts";
import { awsQuery } from "../../src/lib/aws/query.ts";
import type { AwsCredentials } from "../../src/lib/aws/sigv4.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { HttpClient } from "../../src/lib/http-client.ts";
import { Secret } from "../../src/lib/secret.ts";
import { type XmlElement, xmlAt, xmlText } from "../../src/lib/xml.ts";
import { labelRecord } from "../../src/signals/labels.ts";
import { type LabelRecord, sortedTargets } from "../support/discovery-components.ts";
import { eventually } from "../support/eventually.ts";
import { startMoto } from "../support/moto.ts";
import { startPrometheus } from "../support/servers.ts";

/** Python, botocore and moto are 200 MB of packages: only by command, `SONDE_TEST_MOTO=1 npx vitest run test/system/ec2-moto.test.ts`. */
describe.runIf(process.env.SONDE_TEST_MOTO)("discovery.ec2 beside a real moto and a real Prometheus", () => {
  test("the same instances are found, with keys, with a role, and not with a wrong secret", async () => {
    await using moto = await startMoto({ freeActions: 5 });
    const client = new HttpClient({ followRedirects: false, userAgent: "sonde/test" });
    const send = client.request.bind(client);
    const surroundings = { send, sendLocally: send, clock: systemClock, env: {} };
    let credentials: AwsCredentials = { accessKeyId: "AKIDNOBODY", secretAccessKey: new Secret("none") };

    function ask(
      service: string,
      version: string,
      action: string,
      parameters: Record<string, string>,
      region = "us-east-1",
    ) {
      const signal = new AbortController().signal;
      const call = { endpoint: new URL(moto.url), service, version, action, parameters, region, credentials, signal };
      return awsQuery(call, surroundings);
    }
    const iam = (action: string, parameters: Record<string, string>) => ask("iam", "2010-05-08", action, parameters);
    const ec2 = (action: string, parameters: Record<string, string>, region: string) =>
      ask("ec2", "2016-11-15", action, parameters, region);

    // The five calls that are not checked make whom the others are checked against.
    await iam("CreateUser", { UserName: "sonde" });
    await iam("PutUserPolicy", { UserName: "sonde", PolicyName: "all", PolicyDocument: allowAll });
    await iam("CreateRole", { RoleName: "reader", AssumeRolePolicyDocument: trustAll, Path: "/" });
    await iam("PutRolePolicy", { RoleName: "reader", PolicyName: "all", PolicyDocument: allowAll });
    const key = await iam("CreateAccessKey", { UserName: "sonde" });
    const accessKey = keyText(key, "AccessKeyId");
    const secretKey = keyText(key, "SecretAccessKey");
    credentials = { accessKeyId: accessKey, secretAccessKey: new Secret(secretKey) };

    for (const region of ["eu-west-1", "us-east-1"]) {
      const run = {
        ImageId: "ami-12c6146b",
        InstanceType: "t3.micro",
        MinCount: "3",
        MaxCount: "3",
        ...tags("web", region),
      };
      const started = await ec2("RunInstances", run, region);
      const first = xmlText(started, "instancesSet", "item", "instanceId");
      await ec2("StopInstances", { "InstanceId.1": first }, region);
      await ec2("RunInstances", { ...run, MinCount: "1", MaxCount: "1", ...tags("db", region) }, region);
    }

    async function found(options: object): Promise<LabelRecord[]> {
      const search = new Ec2Search(
        {
          regions: ["eu-west-1"],
          endpoint: moto.url,
          accessKey,
          secretKey: new Secret(secretKey),
          port: 9100,
          filters: [],
          ipv6Fallback: false,
          refreshIntervalMs: 60_000,
          random: Math.random,
          ...options,
        },
        surroundings,
      );
      const { groups, failures = new Map() } = await search.refresh(new AbortController().signal);
      for (const error of failures.values()) throw error;
      return sortedTargets(groups.flatMap(({ targets }) => targets.map(({ labels }) => labelRecord(labels))));
    }

    const all = await found({});
    expect(all).toHaveLength(4);
    expect(await found({ regions: ["eu-west-1", "us-east-1"] })).toHaveLength(8);
    expect(await found({ filters: [{ name: "instance-state-name", values: ["stopped"] }] })).toHaveLength(1);
    expect(await found({ filters: [{ name: "tag:role", values: ["db"] }] })).toHaveLength(1);
    const role = { roleArn: "arn:aws:iam::123456789012:role/reader", externalId: "x" };
    expect(await found(role)).toEqual(all);
    await expect(found({ secretKey: new Secret("wrong") })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^DescribeInstances is refused: (AuthFailure|SignatureDoesNotMatch)/) },
    });

    const sd = { region: "eu-west-1", endpoint: moto.url, access_key: accessKey, secret_key: secretKey, port: 9100 };
    const dropAll = { source_labels: ["job"], regex: ".*", action: "drop" };
    const scrape_configs = [{ job_name: "ec2", ec2_sd_configs: [sd], relabel_configs: [dropAll] }];
    await using prometheus = await startPrometheus({ config: JSON.stringify({ scrape_configs }) });
    const theirs = await eventually(async () => {
      const response = await fetch(`${prometheus.url}/api/v1/targets?state=dropped`);
      const { data } = (await response.json()) as { data: { droppedTargets: { discoveredLabels: LabelRecord }[] } };
      if (data.droppedTargets.length === 0) throw new Error("Prometheus has no targets yet");
      return data.droppedTargets.map(({ discoveredLabels }) => withoutJob(discoveredLabels));
    });
    expect(all).toEqual(sortedTargets(theirs));
    await client.close();
  }, 120_000);
});

const allowAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

const trustAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
});

function tags(role: string, region: string): Record<string, string> {
  return {
    "TagSpecification.1.ResourceType": "instance",
    "TagSpecification.1.Tag.1.Key": "role",
    "TagSpecification.1.Tag.1.Value": role,
    "TagSpecification.1.Tag.2.Key": "a.like/key",
    "TagSpecification.1.Tag.2.Value": `a & b <${region}>`,
  };
}

function keyText(answer: XmlElement, name: string): string {
  const key = xmlAt(answer, "CreateAccessKeyResult", "AccessKey");
  return key === undefined ? "" : xmlText(key, name);
}

function withoutJob(labels: LabelRecord): LabelRecord {
  const { job, __scheme__, __metrics_path__, __scrape_interval__, __scrape_timeout__, ...rest } = labels;
  return rest;
}
