import { entriesAt, listAt, textAt, valueAt } from "../../../lib/json-at.ts";
import { type Labels, labelsFrom } from "../../../signals/labels.ts";
import { joinHostPort, sanitizeLabelName } from "../meta-labels.ts";

/** A virtual machine as the resource manager describes it, and the scale set that it is of, if any. */
export interface Machine {
  readonly resource: unknown;
  readonly scaleSet?: string;
}

export interface MachineOptions {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly port: number;
}

/** The ids of its network interfaces. */
export function interfaceIds({ resource }: Machine): string[] {
  return listAt(resource, "properties", "networkProfile", "networkInterfaces").map((each) => textAt(each, "id"));
}

/**
 * The labels that Prometheus gives a machine; undefined for one that is no target: it is not allocated, or an interface of
 * it is gone (undefined in the list). Throws an Error where the primary interface has no private address.
 */
export function machineLabels(
  machine: Machine,
  interfaces: readonly (unknown | undefined)[],
  { subscriptionId, tenantId, port }: MachineOptions,
): Labels | undefined {
  const { resource, scaleSet = "" } = machine;
  const addresses = addressesOf(textAt(resource, "name"), interfaces);
  if (addresses === undefined) return undefined;
  const tags = entriesAt(resource, "tags").map(([key, value]) => [
    `__meta_azure_machine_tag_${sanitizeLabelName(key)}`,
    value,
  ]);
  return labelsFrom({
    __address__: joinHostPort(addresses.privateIp, port),
    __meta_azure_subscription_id: subscriptionId,
    __meta_azure_tenant_id: tenantId,
    __meta_azure_machine_id: textAt(resource, "id"),
    __meta_azure_machine_name: textAt(resource, "name"),
    __meta_azure_machine_computer_name: textAt(resource, "properties", "osProfile", "computerName"),
    __meta_azure_machine_os_type: textAt(resource, "properties", "storageProfile", "osDisk", "osType"),
    __meta_azure_machine_location: textAt(resource, "location"),
    __meta_azure_machine_resource_group: resourceGroupOf(textAt(resource, "id")),
    __meta_azure_machine_size: textAt(resource, "properties", "hardwareProfile", "vmSize"),
    __meta_azure_machine_scale_set: scaleSet,
    __meta_azure_machine_private_ip: addresses.privateIp,
    __meta_azure_machine_public_ip: addresses.publicIp,
    ...Object.fromEntries(tags),
  });
}

export function resourceGroupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
}

/** Those of the primary interface, of its first configuration. */
function addressesOf(
  name: string,
  interfaces: readonly (unknown | undefined)[],
): { privateIp: string; publicIp: string } | undefined {
  for (const each of interfaces) {
    if (each === undefined) return undefined;
    const properties = valueAt(each, "properties");
    if (properties == null) continue;
    const isPrimary = valueAt(properties, "primary");
    // The cheapest sign of a machine that is not allocated.
    if (isPrimary == null) return undefined;
    const [configuration] = listAt(properties, "ipConfigurations");
    if (isPrimary !== true || configuration === undefined) continue;
    const privateIp = textAt(configuration, "properties", "privateIPAddress");
    if (privateIp === "") throw new Error(`the machine ${name} has no private address`);
    const publicIp = textAt(configuration, "properties", "publicIPAddress", "properties", "ipAddress");
    return { privateIp, publicIp };
  }
  return undefined;
}
