import { afterEach, expect, test } from "vitest";
import { type Ec2Options, Ec2Search } from "../../../../src/engines/discovery/ec2/ec2.ts";
import type { Found } from "../../../../src/engines/discovery/search.ts";
import { HttpClient } from "../../../../src/lib/http-client.ts";
import { Secret } from "../../../../src/lib/secret.ts";
import { labelRecord, labelValue } from "../../../../src/signals/labels.ts";
import { type FakeCall, type FakeKeys, type FakeRefusal, startFakeImds } from "../../../support/fake-aws.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { type FakeEc2Options, fakeFleet, startFakeEc2 } from "../../../support/fake-ec2.ts";

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

const never = new AbortController().signal;
const mine: FakeKeys = { accessKeyId: "AKIDMINE", secret: "canary" };

/** A fake of EC2, and a search that asks it. */
async function start(
  fake: Partial<FakeEc2Options> = {},
  options: Partial<Ec2Options> = {},
  env: Record<string, string> = { AWS_ACCESS_KEY_ID: mine.accessKeyId, AWS_SECRET_ACCESS_KEY: mine.secret },
) {
  const clock = new FakeClock();
  const ec2 = await startFakeEc2({ keys: [mine], instances: () => fakeFleet, now: () => clock.now(), ...fake });
  const client = new HttpClient({ followRedirects: false, userAgent: "sonde/test" });
  clients.push(client);
  const send = client.request.bind(client);
  const variables: Record<string, string> = { HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true", ...env };
  const search = new Ec2Search(
    {
      regions: ["eu-west-1"],
      endpoint: ec2.url,
      filters: [],
      port: 9100,
      ipv6Fallback: false,
      refreshIntervalMs: 60_000,
      random: () => 0.5,
      ...options,
    },
    { send, sendLocally: send, clock, env: variables },
  );
  return { ec2, clock, env: variables, refresh: () => search.refresh(never), [Symbol.asyncDispose]: () => ec2.close() };
}

const labels = ({ groups }: Found) =>
  groups.flatMap(({ targets }) => targets.map((target) => labelRecord(target.labels)));
const ids = ({ groups }: Found) =>
  groups.map(({ source, targets }) => {
    const names = targets.map((target) => labelValue(target.labels, "__meta_ec2_instance_id"));
    return `${source}: ${names.join(" ")}`;
  });
const failures = ({ failures: found = new Map() }: Found) =>
  [...found].map(
    ([source, error]) => `${source}: ${(error as Error).message}: ${((error as Error).cause as Error).message}`,
  );
const actions = (calls: readonly FakeCall[]) => calls.map(({ action, region }) => `${action} ${region}`);

test("an instance has all labels that Prometheus gives it", async () => {
  await using fake = await start();
  const found = await fake.refresh();
  expect(labels(found)).toEqual([
    {
      __address__: "10.0.0.1:9100",
      __meta_ec2_ami: "ami-1",
      __meta_ec2_architecture: "arm64",
      __meta_ec2_availability_zone: "eu-west-1a",
      __meta_ec2_availability_zone_id: "euwest1-az1",
      __meta_ec2_instance_id: "i-full",
      __meta_ec2_instance_lifecycle: "spot",
      __meta_ec2_instance_state: "running",
      __meta_ec2_instance_type: "t3.micro",
      __meta_ec2_ipv6_addresses: ",2001:db8::1,2001:db8::2,2001:db8::3,",
      __meta_ec2_owner_id: "123456789012",
      __meta_ec2_platform: "windows",
      __meta_ec2_primary_ipv6_addresses: ",,,2001:db8::2,",
      __meta_ec2_primary_subnet_id: "subnet-1",
      __meta_ec2_private_dns_name: "ip-10-0-0-1.eu-west-1.compute.internal",
      __meta_ec2_private_ip: "10.0.0.1",
      __meta_ec2_public_dns_name: "ec2-52-0-0-1.eu-west-1.compute.amazonaws.com",
      __meta_ec2_public_ip: "52.0.0.1",
      __meta_ec2_region: "eu-west-1",
      __meta_ec2_subnet_id: ",subnet-1,subnet-2,",
      __meta_ec2_tag_Name: "web <1> & more",
      __meta_ec2_tag_aws_autoscaling_groupName: "web",
      __meta_ec2_tag_k8s_io__: "x",
      __meta_ec2_vpc_id: "vpc-1",
    },
    {
      __address__: "10.0.0.2:9100",
      __meta_ec2_ami: "ami-1",
      __meta_ec2_architecture: "x86_64",
      __meta_ec2_availability_zone: "eu-west-1b",
      __meta_ec2_availability_zone_id: "euwest1-az2",
      __meta_ec2_instance_id: "i-plain",
      __meta_ec2_instance_state: "running",
      __meta_ec2_instance_type: "t3.micro",
      __meta_ec2_owner_id: "123456789012",
      __meta_ec2_private_ip: "10.0.0.2",
      __meta_ec2_region: "eu-west-1",
    },
    {
      __address__: "10.0.0.3:9100",
      __meta_ec2_ami: "ami-1",
      __meta_ec2_availability_zone: "eu-west-1z",
      __meta_ec2_instance_id: "i-stopped",
      __meta_ec2_instance_state: "stopped",
      __meta_ec2_instance_type: "t3.micro",
      __meta_ec2_owner_id: "123456789012",
      __meta_ec2_primary_subnet_id: "subnet-1",
      __meta_ec2_private_ip: "10.0.0.3",
      __meta_ec2_region: "eu-west-1",
      __meta_ec2_subnet_id: ",,",
      __meta_ec2_vpc_id: "vpc-1",
    },
  ]);
});

test("an instance that has IPv6 only is a target where that is wanted, at its primary address", async () => {
  await using fake = await start({}, { ipv6Fallback: true });
  const addresses = labels(await fake.refresh()).map((each) => each.__address__);
  expect(addresses).toEqual(["10.0.0.1:9100", "10.0.0.2:9100", "10.0.0.3:9100", "[2001:db8::7]:9100"]);
});

test("all pages are read, each with the filters", async () => {
  const filters = [
    { name: "instance-state-name", values: ["running", "stopped"] },
    { name: "tag:env", values: ["prod"] },
  ];
  const fleet = Array.from({ length: 7 }, (_, n) => ({
    id: `i-${n}`,
    privateIp: `10.0.0.${n}`,
    tags: { env: n === 3 ? "test" : "prod" },
  }));
  await using fake = await start({ instances: () => fleet, pageSize: 2 }, { filters });
  expect(ids(await fake.refresh())).toEqual(["eu-west-1: i-0 i-1 i-2 i-4 i-5 i-6"]);
  const pages = fake.ec2.calls.filter(({ action }) => action === "DescribeInstances");
  expect(pages).toHaveLength(3);
  expect(pages.at(-1)?.parameters).toEqual({
    "Filter.1.Name": "instance-state-name",
    "Filter.1.Value.1": "running",
    "Filter.1.Value.2": "stopped",
    "Filter.2.Name": "tag:env",
    "Filter.2.Value.1": "prod",
    MaxResults: "1000",
    NextToken: "token eu-west-1 4/+=",
  });
});

test("zones are asked for once, and may be refused", async () => {
  let isRefused = true;
  const refuse = ({ action }: FakeCall): FakeRefusal | undefined =>
    isRefused && action === "DescribeAvailabilityZones" ? { status: 403, code: "UnauthorizedOperation" } : undefined;
  await using fake = await start({ refuse });
  expect(labels(await fake.refresh())[0]?.__meta_ec2_availability_zone_id).toBeUndefined();
  isRefused = false;
  expect(labels(await fake.refresh())[0]?.__meta_ec2_availability_zone_id).toBe("euwest1-az1");
  await fake.refresh();
  expect(actions(fake.ec2.calls).filter((call) => call.startsWith("DescribeAvailabilityZones"))).toHaveLength(2);
});

test("several regions are asked at once, and one that fails leaves the others alone", async () => {
  const refuse = ({ region }: FakeCall): FakeRefusal | undefined =>
    region === "me-south-1" ? { status: 401, code: "AuthFailure", message: "not enabled" } : undefined;
  const instances = (region: string) => [{ id: `i-${region}`, privateIp: "10.0.0.1" }];
  await using fake = await start({ refuse, instances }, { regions: ["eu-west-1", "me-south-1", "us-east-1"] });
  const found = await fake.refresh();
  expect(ids(found).sort()).toEqual(["eu-west-1: i-eu-west-1", "us-east-1: i-us-east-1"]);
  expect(failures(found)).toEqual([
    "me-south-1: cannot list the instances of me-south-1: DescribeInstances is refused: AuthFailure: not enabled",
  ]);
});

test("a throttled call is tried again, three times in all", async () => {
  let refusals = 2;
  const refuse = ({ action }: FakeCall): FakeRefusal | undefined =>
    action === "DescribeInstances" && refusals-- > 0 ? { status: 503, code: "RequestLimitExceeded" } : undefined;
  await using fake = await start({ refuse });
  async function refreshed() {
    let found: Found | undefined;
    void fake.refresh().then((answer) => {
      found = answer;
    });
    while (found === undefined) await fake.clock.advance(500);
    return found;
  }
  expect(ids(await refreshed())).toEqual(["eu-west-1: i-full i-plain i-stopped"]);
  refusals = 3;
  expect(failures(await refreshed())).toEqual([
    "eu-west-1: cannot list the instances of eu-west-1: DescribeInstances is refused: RequestLimitExceeded: it is RequestLimitExceeded",
  ]);
});

test("keys that are refused are looked for anew at the next refresh", async () => {
  await using fake = await start({}, {}, { AWS_ACCESS_KEY_ID: "AKIDOLD", AWS_SECRET_ACCESS_KEY: "old" });
  expect(failures(await fake.refresh())[0]).toMatch(/AuthFailure/);
  Object.assign(fake.env, { AWS_ACCESS_KEY_ID: mine.accessKeyId, AWS_SECRET_ACCESS_KEY: mine.secret });
  expect(failures(await fake.refresh())).toEqual([]);
});

test("a wrong secret is told apart from an unknown key, and is not shown", async () => {
  const env = { AWS_ACCESS_KEY_ID: mine.accessKeyId, AWS_SECRET_ACCESS_KEY: "canary-wrong" };
  await using fake = await start({}, {}, env);
  const [failure] = failures(await fake.refresh());
  expect(failure).toMatch(/SignatureDoesNotMatch/);
  expect(failure).not.toContain("canary");
});

test("a role is assumed at the endpoint, with its external id, and signs the calls", async () => {
  const session: FakeKeys = { accessKeyId: "ASIAROLE", secret: "canary-role", sessionToken: "session" };
  const options = { accessKey: mine.accessKeyId, secretKey: new Secret(mine.secret) };
  await using fake = await start({ session }, { ...options, roleArn: "arn:aws:iam::2:role/r", externalId: "x" }, {});
  expect(ids(await fake.refresh())).toEqual(["eu-west-1: i-full i-plain i-stopped"]);
  expect(fake.ec2.calls.map(({ action, accessKeyId }) => `${action} ${accessKeyId}`)).toEqual([
    "AssumeRole AKIDMINE",
    "DescribeAvailabilityZones ASIAROLE",
    "DescribeInstances ASIAROLE",
  ]);
  expect(fake.ec2.calls[0]?.parameters).toMatchObject({ RoleArn: "arn:aws:iam::2:role/r", ExternalId: "x" });
});

test("region and credentials may both come from the instance", async () => {
  const session: FakeKeys = { accessKeyId: "ASIAINSTANCE", secret: "canary-i", sessionToken: "t" };
  const json = { AccessKeyId: session.accessKeyId, SecretAccessKey: session.secret, Token: session.sessionToken };
  await using imds = await startFakeImds(() => ({
    "placement/region": "eu-central-1",
    "iam/security-credentials/": "role",
    "iam/security-credentials/role": JSON.stringify({ ...json, Expiration: "2026-01-01T06:00:00Z" }),
  }));
  const env = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url };
  await using fake = await start({ keys: [session] }, { regions: [] }, env);
  expect(ids(await fake.refresh())).toEqual(["eu-central-1: i-full i-plain i-stopped"]);
  expect(actions(fake.ec2.calls)).toEqual(["DescribeAvailabilityZones eu-central-1", "DescribeInstances eu-central-1"]);
});

test("without a region there is no answer, and the reason says where it was looked for", async () => {
  await using fake = await start({}, { regions: [] });
  await expect(fake.refresh()).rejects.toThrow(
    /^no AWS region: none in the config, the environment or the shared files/,
  );
});

test("an answer that is no answer of EC2 is a failure", async () => {
  await using fake = await start({ refuse: () => ({ status: 400, code: "" }) });
  expect(failures(await fake.refresh())[0]).toMatch(/DescribeInstances is refused/);
});
