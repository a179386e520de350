import { listAt, numberAt, textAt, valueAt } from "../../../../lib/json-at.ts";
import { joinHostPort } from "../../meta-labels.ts";
import {
  attachedNode,
  type Find,
  type KubeObject,
  type LabelRecord,
  metaLabels,
  nameOf,
  namespaceLabel,
  namespaceOf,
  type ObjectTargets,
  prefix,
  present,
  referencedPod,
} from "../objects.ts";
import { SeenPods } from "./pod-backed.ts";
import { labelsOfService } from "./service.ts";

/** Endpoints are a target for each address and port, ready or not, and for the other ports of the pods behind them. */
export function endpointsRole(endpoints: KubeObject, find: Find, attachNode: boolean): ObjectTargets {
  const labels = {
    ...namespaceLabel(endpoints),
    ...labelsOfService(find, namespaceOf(endpoints), nameOf(endpoints)),
    ...metaLabels(endpoints, "endpoints"),
  };
  const pods = new SeenPods();
  const targets: LabelRecord[] = [];
  for (const subset of listAt(endpoints, "subsets")) {
    for (const port of listAt(subset, "ports")) {
      for (const [field, ready] of readiness) {
        for (const address of listAt(subset, field)) {
          const pod = referencedPod(valueAt(address, "targetRef"), find);
          targets.push({
            ...addressLabels(address, port, ready),
            ...(attachNode && attachedNode(find, nodeOf(address))),
            ...(pod !== undefined && pods.labels(pod, numberAt(port, "port"))),
          });
        }
      }
    }
  }
  return { labels, targets: [...targets, ...pods.otherPorts()] };
}

const readiness = [
  ["addresses", "true"],
  ["notReadyAddresses", "false"],
] as const;

function addressLabels(address: unknown, port: unknown, ready: string): LabelRecord {
  return {
    __address__: joinHostPort(textAt(address, "ip"), textAt(port, "port")),
    [`${prefix}endpoint_port_name`]: textAt(port, "name"),
    [`${prefix}endpoint_port_protocol`]: textAt(port, "protocol"),
    [`${prefix}endpoint_ready`]: ready,
    ...present(address, {
      endpoint_address_target_kind: ["targetRef", "kind"],
      endpoint_address_target_name: ["targetRef", "name"],
      endpoint_node_name: ["nodeName"],
      endpoint_hostname: ["hostname"],
    }),
  };
}

function nodeOf(address: unknown): string {
  const named = textAt(address, "nodeName");
  if (named !== "" || textAt(address, "targetRef", "kind") !== "Node") return named;
  return textAt(address, "targetRef", "name");
}
