import { listAt, textAt } from "../../../../lib/json-at.ts";
import { joinHostPort, sanitizeLabelName } from "../../meta-labels.ts";
import { type KubeObject, type LabelRecord, metaLabels, nameOf, type ObjectTargets, prefix } from "../objects.ts";

/** A node is a target at the port of its kubelet; one without an address is none. */
export function nodeRole(node: KubeObject): ObjectTargets {
  const labels = {
    [`${prefix}node_provider_id`]: textAt(node, "spec", "providerID"),
    ...metaLabels(node, "node"),
  };
  const addresses = addressesOf(node);
  const type = addressTypes.find((each) => addresses.has(each));
  if (type === undefined) return { labels, targets: [] };
  const port = textAt(node, "status", "daemonEndpoints", "kubeletEndpoint", "Port") || "0";
  const target: LabelRecord = { __address__: joinHostPort(addresses.get(type) ?? "", port), instance: nameOf(node) };
  for (const [each, address] of addresses) target[`${prefix}node_address_${sanitizeLabelName(each)}`] = address;
  return { labels, targets: [target] };
}

/** In the order in which they are preferred. */
const addressTypes = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

/** Type to the first address of it. */
function addressesOf(node: KubeObject): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const each of listAt(node, "status", "addresses")) {
    const type = textAt(each, "type");
    if (!addresses.has(type)) addresses.set(type, textAt(each, "address"));
  }
  return addresses;
}
