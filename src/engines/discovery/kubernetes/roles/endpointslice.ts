import { entriesAt, listAt, numberAt, textAt, valueAt } from "../../../../lib/json-at.ts";
import { joinHostPort, sanitizeLabelName } from "../../meta-labels.ts";
import {
  attachedNode,
  type Find,
  type KubeObject,
  type LabelRecord,
  metaLabels,
  namespaceLabel,
  namespaceOf,
  type ObjectTargets,
  prefix,
  present,
  referencedPod,
} from "../objects.ts";
import { SeenPods } from "./pod-backed.ts";
import { labelsOfService } from "./service.ts";

/** A slice is a target for each address and port of its endpoints, and for the other ports of the pods behind them. */
export function endpointSliceRole(slice: KubeObject, find: Find, attachNode: boolean): ObjectTargets {
  const labels = {
    ...namespaceLabel(slice),
    [`${prefix}endpointslice_address_type`]: textAt(slice, "addressType"),
    ...metaLabels(slice, "endpointslice"),
    ...labelsOfService(find, namespaceOf(slice), serviceOf(slice)),
  };
  const pods = new SeenPods();
  const targets: LabelRecord[] = [];
  for (const endpoint of listAt(slice, "endpoints")) {
    const pod = referencedPod(valueAt(endpoint, "targetRef"), find);
    const node = attachNode ? attachedNode(find, nodeOf(endpoint)) : {};
    for (const port of listAt(slice, "ports")) {
      for (const address of listAt(endpoint, "addresses")) {
        targets.push({
          ...portLabels(String(address), port),
          ...endpointLabels(endpoint),
          ...node,
          ...(pod !== undefined && pods.labels(pod, numberAt(port, "port"))),
        });
      }
    }
  }
  return { labels, targets: [...targets, ...pods.otherPorts()] };
}

function serviceOf(slice: KubeObject): string {
  return textAt(slice, "metadata", "labels", "kubernetes.io/service-name");
}

function portLabels(address: string, port: unknown): LabelRecord {
  const number = textAt(port, "port");
  return {
    __address__: number === "" ? address : joinHostPort(address, number),
    ...present(port, {
      endpointslice_port: ["port"],
      endpointslice_port_name: ["name"],
      endpointslice_port_protocol: ["protocol"],
      endpointslice_port_app_protocol: ["appProtocol"],
    }),
  };
}

function endpointLabels(endpoint: unknown): LabelRecord {
  const topology: LabelRecord = {};
  for (const [key, value] of entriesAt(endpoint, "deprecatedTopology")) {
    const name = sanitizeLabelName(key);
    topology[`${prefix}endpointslice_endpoint_topology_${name}`] = value;
    topology[`${prefix}endpointslice_endpoint_topology_present_${name}`] = "true";
  }
  return {
    ...present(endpoint, {
      endpointslice_endpoint_conditions_ready: ["conditions", "ready"],
      endpointslice_endpoint_conditions_serving: ["conditions", "serving"],
      endpointslice_endpoint_conditions_terminating: ["conditions", "terminating"],
      endpointslice_endpoint_hostname: ["hostname"],
      endpointslice_endpoint_node_name: ["nodeName"],
      endpointslice_endpoint_zone: ["zone"],
      endpointslice_address_target_kind: ["targetRef", "kind"],
      endpointslice_address_target_name: ["targetRef", "name"],
    }),
    ...topology,
  };
}

function nodeOf(endpoint: unknown): string {
  const isNode = textAt(endpoint, "targetRef", "kind") === "Node";
  return isNode ? textAt(endpoint, "targetRef", "name") : textAt(endpoint, "nodeName");
}
