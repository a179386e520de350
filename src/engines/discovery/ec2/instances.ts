import { type XmlElement, xmlAt, xmlText } from "../../../lib/xml.ts";
import { type Labels, labelsFrom } from "../../../signals/labels.ts";
import { joinHostPort, sanitizeLabelName } from "../meta-labels.ts";

export interface InstanceOptions {
  readonly region: string;
  readonly port: number;
  /** Zone name to zone id; undefined when the zones could not be asked for. */
  readonly zoneIds: ReadonlyMap<string, string> | undefined;
  /** Whether an instance without a private IPv4 address is reached by its IPv6 address; Prometheus leaves it out. */
  readonly ipv6Fallback: boolean;
}

/** One label set for each instance of a DescribeInstances answer that has an address. The labels are Prometheus'. */
export function instanceLabels(answer: XmlElement, options: InstanceOptions): Labels[] {
  const found = itemsOf(answer, "reservationSet").flatMap((reservation) => {
    const ownerId = xmlText(reservation, "ownerId");
    return itemsOf(reservation, "instancesSet").map((instance) => labelsOf(instance, ownerId, options));
  });
  return found.filter((labels) => labels !== undefined);
}

/** Zone name to zone id, of a DescribeAvailabilityZones answer. */
export function zoneIdsOf(answer: XmlElement): Map<string, string> {
  return new Map(
    itemsOf(answer, "availabilityZoneInfo").map((zone) => [xmlText(zone, "zoneName"), xmlText(zone, "zoneId")]),
  );
}

/** Where the next page begins; "" on the last one. */
export function nextTokenOf(answer: XmlElement): string {
  return xmlText(answer, "nextToken");
}

function labelsOf(instance: XmlElement, ownerId: string, options: InstanceOptions): Labels | undefined {
  const text = (...path: string[]) => xmlText(instance, ...path);
  const privateIp = text("privateIpAddress");
  const vpc = vpcLabels(instance);
  const address = privateIp || (options.ipv6Fallback ? firstOf(vpc) : "");
  if (address === "") return undefined;

  const zone = text("placement", "availabilityZone");
  const publicIp = text("ipAddress");
  return labelsFrom({
    __address__: joinHostPort(address, options.port),
    __meta_ec2_ami: text("imageId"),
    __meta_ec2_architecture: text("architecture"),
    __meta_ec2_availability_zone: zone,
    __meta_ec2_availability_zone_id: options.zoneIds?.get(zone) ?? "",
    __meta_ec2_instance_id: text("instanceId"),
    __meta_ec2_instance_lifecycle: text("instanceLifecycle"),
    __meta_ec2_instance_state: text("instanceState", "name"),
    __meta_ec2_instance_type: text("instanceType"),
    __meta_ec2_owner_id: ownerId,
    __meta_ec2_platform: text("platform"),
    __meta_ec2_private_dns_name: text("privateDnsName"),
    __meta_ec2_private_ip: privateIp,
    __meta_ec2_public_dns_name: publicIp === "" ? "" : text("dnsName"),
    __meta_ec2_public_ip: publicIp,
    __meta_ec2_region: options.region,
    ...vpc,
    ...tagLabels(instance),
  });
}

/** Only of an instance in a VPC. */
function vpcLabels(instance: XmlElement): Record<string, string> {
  const vpcId = xmlText(instance, "vpcId");
  if (vpcId === "") return {};
  const interfaces = itemsOf(instance, "networkInterfaceSet").filter((each) => xmlText(each, "subnetId") !== "");
  const subnets = new Set(interfaces.map((each) => xmlText(each, "subnetId")));
  const addresses: string[] = [];
  // By device index; the holes stay, so that a place in the list means a device.
  const primary: string[] = [];
  for (const each of interfaces) {
    for (const item of itemsOf(each, "ipv6AddressesSet")) {
      const address = xmlText(item, "ipv6Address");
      addresses.push(address);
      if (xmlText(item, "isPrimaryIpv6") === "true") primary[deviceIndex(each)] = address;
    }
  }
  return {
    __meta_ec2_vpc_id: vpcId,
    __meta_ec2_primary_subnet_id: xmlText(instance, "subnetId"),
    __meta_ec2_subnet_id: commaList([...subnets]),
    ...(addresses.length > 0 && { __meta_ec2_ipv6_addresses: commaList(addresses) }),
    ...(primary.length > 0 && {
      __meta_ec2_primary_ipv6_addresses: commaList(Array.from(primary, (each) => each ?? "")),
    }),
  };
}

/** An instance has a few devices, so a number far beyond is a mistake of whoever sent it. */
function deviceIndex(networkInterface: XmlElement): number {
  const index = Number(xmlText(networkInterface, "attachment", "deviceIndex"));
  return Number.isInteger(index) && index >= 0 && index < 1000 ? index : 0;
}

/** A primary address does not change while the instance runs, so it is preferred. */
function firstOf(vpc: Readonly<Record<string, string>>): string {
  const lists = `${vpc.__meta_ec2_primary_ipv6_addresses ?? ""},${vpc.__meta_ec2_ipv6_addresses ?? ""}`;
  return lists.split(",").find((address) => address !== "") ?? "";
}

function tagLabels(instance: XmlElement): Record<string, string> {
  return Object.fromEntries(
    itemsOf(instance, "tagSet").map((tag) => [
      `__meta_ec2_tag_${sanitizeLabelName(xmlText(tag, "key"))}`,
      xmlText(tag, "value"),
    ]),
  );
}

/** With a comma at both ends, so that a regex can look for `,x,`. */
function commaList(items: readonly string[]): string {
  return `,${items.join(",")},`;
}

function itemsOf(element: XmlElement, set: string): readonly XmlElement[] {
  return xmlAt(element, set)?.children.filter(({ name }) => name === "item") ?? [];
}
