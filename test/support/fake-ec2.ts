import {
  type FakeAnswer,
  type FakeCall,
  type FakeKeys,
  type FakeRefusal,
  fakeSession,
  startFakeAws,
} from "./fake-aws.ts";

/** What EC2 knows of an instance; what is left out is left out of the answer, too. */
export interface FakeInstance {
  readonly id: string;
  readonly state?: string;
  readonly type?: string;
  readonly ami?: string;
  readonly zone?: string;
  readonly ownerId?: string;
  readonly architecture?: string;
  readonly platform?: string;
  readonly lifecycle?: string;
  readonly privateIp?: string;
  readonly privateDns?: string;
  readonly publicIp?: string;
  readonly publicDns?: string;
  readonly vpc?: string;
  readonly subnet?: string;
  readonly interfaces?: readonly FakeInterface[];
  readonly tags?: Readonly<Record<string, string>>;
}

export interface FakeInterface {
  readonly device: number;
  readonly subnet?: string;
  /** Address to whether it is the primary one. */
  readonly ipv6?: Readonly<Record<string, boolean>>;
}

export interface FakeEc2Options {
  readonly keys: readonly FakeKeys[];
  readonly now?: () => number;
  /** Of a region; called for each page. */
  readonly instances: (region: string) => readonly FakeInstance[];
  readonly pageSize?: number;
  /** Refuses a call before it is answered. */
  readonly refuse?: (call: FakeCall) => FakeRefusal | undefined;
  /** What AssumeRole hands out. */
  readonly session?: FakeKeys;
}

/** EC2 (DescribeInstances in pages, DescribeAvailabilityZones) and STS (AssumeRole) behind one address. */
export async function startFakeEc2({
  keys,
  now = Date.now,
  instances,
  pageSize = 1000,
  refuse = () => undefined,
  session,
}: FakeEc2Options) {
  const tokens = new Map<string, number>();
  return startFakeAws({ keys: session === undefined ? keys : [...keys, session], now, answer });

  function answer(call: FakeCall): FakeAnswer {
    const refusal = refuse(call);
    if (refusal !== undefined) return refusal;
    switch (call.action) {
      case "AssumeRole":
        return session === undefined ? { status: 403, code: "AccessDenied" } : fakeSession(session, now() + 3_600_000);
      case "DescribeAvailabilityZones":
        return zones(call.region);
      case "DescribeInstances":
        return page(call);
      default:
        return { status: 400, code: "InvalidAction" };
    }
  }

  function page({ region, parameters }: FakeCall): FakeAnswer {
    const { NextToken: token, MaxResults: _max, ...filters } = parameters;
    const from = token === undefined ? 0 : tokens.get(token);
    if (from === undefined) return { status: 400, code: "InvalidNextToken" };
    if (Object.keys(filters).some((name) => !/^Filter\.\d+\.(Name|Value\.\d+)$/.test(name))) {
      return { status: 400, code: "UnknownParameter" };
    }
    const all = instances(region).filter((instance) => matches(instance, filters));
    const next = from + pageSize;
    if (next < all.length) tokens.set(`token ${region} ${next}/+=`, next);
    return `<reservationSet>${all.slice(from, next).map(reservation).join("")}</reservationSet>
      ${next < all.length ? `<nextToken>token ${region} ${next}/+=</nextToken>` : ""}`;
  }
}

function zones(region: string): string {
  const item = (letter: string, n: number) =>
    `<item><zoneName>${region}${letter}</zoneName><zoneState>available</zoneState><regionName>${region}</regionName><zoneId>${region.replaceAll("-", "")}-az${n}</zoneId></item>`;
  return `<availabilityZoneInfo>${item("a", 1)}${item("b", 2)}</availabilityZoneInfo>`;
}

/** The filters that tests use: of state and of tags. */
function matches(instance: FakeInstance, filters: Readonly<Record<string, string>>): boolean {
  return Object.entries(filters).every(([key, name]) => {
    const [, number] = /^Filter\.(\d+)\.Name$/.exec(key) ?? [];
    if (number === undefined) return true;
    const values = Object.keys(filters).filter((other) => other.startsWith(`Filter.${number}.Value.`));
    const has =
      name === "instance-state-name" ? (instance.state ?? "running") : instance.tags?.[name.replace("tag:", "")];
    return values.some((value) => filters[value] === has);
  });
}

function reservation(instance: FakeInstance): string {
  const {
    id,
    ownerId = "123456789012",
    state = "running",
    type = "t3.micro",
    ami = "ami-1",
    zone = "eu-west-1a",
  } = instance;
  return `<item><reservationId>r-${id}</reservationId><ownerId>${ownerId}</ownerId><groupSet/><instancesSet><item>
    <instanceId>${id}</instanceId><imageId>${ami}</imageId><instanceState><code>16</code><name>${state}</name></instanceState>
    ${element("privateDnsName", instance.privateDns ?? "")}${element("dnsName", instance.publicDns ?? "")}<reason/>
    <instanceType>${type}</instanceType><launchTime>2026-01-01T00:00:00.000Z</launchTime>
    <placement><availabilityZone>${zone}</availabilityZone><groupName/><tenancy>default</tenancy></placement>
    ${optional("platform", instance.platform)}<monitoring><state>disabled</state></monitoring>
    ${optional("subnetId", instance.subnet)}${optional("vpcId", instance.vpc)}
    ${optional("privateIpAddress", instance.privateIp)}${optional("ipAddress", instance.publicIp)}
    <groupSet><item><groupId>sg-1</groupId><groupName>default</groupName></item></groupSet>
    ${optional("architecture", instance.architecture)}${optional("instanceLifecycle", instance.lifecycle)}
    <tagSet>${Object.entries(instance.tags ?? {})
      .map(([key, value]) => `<item>${element("key", key)}${element("value", value)}</item>`)
      .join("")}</tagSet>
    <networkInterfaceSet>${(instance.interfaces ?? []).map(networkInterface).join("")}</networkInterfaceSet>
  </item></instancesSet></item>`;
}

function networkInterface({ device, subnet, ipv6 = {} }: FakeInterface): string {
  const addresses = Object.entries(ipv6).map(
    ([address, isPrimary]) =>
      `<item><ipv6Address>${address}</ipv6Address><isPrimaryIpv6>${isPrimary}</isPrimaryIpv6></item>`,
  );
  return `<item><networkInterfaceId>eni-${device}</networkInterfaceId>${optional("subnetId", subnet)}
    <attachment><attachmentId>a-${device}</attachmentId><deviceIndex>${device}</deviceIndex><status>attached</status></attachment>
    <ipv6AddressesSet>${addresses.join("")}</ipv6AddressesSet></item>`;
}

function optional(name: string, text: string | undefined): string {
  return text === undefined ? "" : element(name, text);
}

function element(name: string, text: string): string {
  return text === "" ? `<${name}/>` : `<${name}>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</${name}>`;
}

/** A fleet with everything that an instance can have or lack. */
export const fakeFleet: readonly FakeInstance[] = [
  {
    id: "i-full",
    architecture: "arm64",
    platform: "windows",
    lifecycle: "spot",
    privateIp: "10.0.0.1",
    privateDns: "ip-10-0-0-1.eu-west-1.compute.internal",
    publicIp: "52.0.0.1",
    publicDns: "ec2-52-0-0-1.eu-west-1.compute.amazonaws.com",
    vpc: "vpc-1",
    subnet: "subnet-1",
    interfaces: [
      { device: 0, subnet: "subnet-1", ipv6: { "2001:db8::1": false } },
      { device: 2, subnet: "subnet-2", ipv6: { "2001:db8::2": true, "2001:db8::3": false } },
      { device: 1, subnet: "subnet-1" },
      { device: 3 },
    ],
    tags: { Name: "web <1> & more", "aws:autoscaling:groupName": "web", "k8s.io/é": "x", empty: "" },
  },
  { id: "i-plain", privateIp: "10.0.0.2", zone: "eu-west-1b", architecture: "x86_64" },
  { id: "i-stopped", state: "stopped", privateIp: "10.0.0.3", zone: "eu-west-1z", vpc: "vpc-1", subnet: "subnet-1" },
  { id: "i-gone", state: "terminated" },
  {
    id: "i-six",
    vpc: "vpc-1",
    subnet: "subnet-6",
    interfaces: [{ device: 0, subnet: "subnet-6", ipv6: { "2001:db8::6": false, "2001:db8::7": true } }],
  },
];
