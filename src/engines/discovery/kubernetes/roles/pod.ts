import { listAt, textAt, valueAt } from "../../../../lib/json-at.ts";
import { joinHostPort } from "../../meta-labels.ts";
import {
  attachedNode,
  containersOf,
  type Find,
  type KubeObject,
  type LabelRecord,
  metaLabels,
  namespaceLabel,
  type ObjectTargets,
  prefix,
} from "../objects.ts";

/** A pod is a target for each port of each container; a container without ports is one at the bare address. */
export function podRole(pod: KubeObject, find: Find, attachNode: boolean): ObjectTargets {
  const ip = podIp(pod);
  // It is starting, or was evicted.
  if (ip === "") return { labels: {}, targets: [] };
  const labels = {
    ...podLabels(pod),
    ...namespaceLabel(pod),
    ...(attachNode && attachedNode(find, textAt(pod, "spec", "nodeName"))),
  };
  const targets = containersOf(pod).flatMap(({ container, isInit }) => {
    const common = {
      ...containerLabels(container),
      [`${prefix}pod_container_id`]: containerId(pod, container, isInit),
      [`${prefix}pod_container_init`]: String(isInit),
    };
    const ports = listAt(container, "ports");
    if (ports.length === 0) return [{ __address__: ip, ...common }];
    return ports.map((port) => ({
      __address__: joinHostPort(ip, textAt(port, "containerPort")),
      ...common,
      ...containerPortLabels(port),
    }));
  });
  return { labels, targets };
}

export function podIp(pod: KubeObject): string {
  return textAt(pod, "status", "podIP");
}

/** What every target of a pod has, whatever found it. */
export function podLabels(pod: KubeObject): LabelRecord {
  const controller = listAt(pod, "metadata", "ownerReferences").find((owner) => valueAt(owner, "controller") === true);
  return {
    [`${prefix}pod_ip`]: podIp(pod),
    [`${prefix}pod_ready`]: readiness(pod),
    [`${prefix}pod_phase`]: textAt(pod, "status", "phase"),
    [`${prefix}pod_node_name`]: textAt(pod, "spec", "nodeName"),
    [`${prefix}pod_host_ip`]: textAt(pod, "status", "hostIP"),
    [`${prefix}pod_uid`]: textAt(pod, "metadata", "uid"),
    [`${prefix}pod_controller_kind`]: textAt(controller, "kind"),
    [`${prefix}pod_controller_name`]: textAt(controller, "name"),
    ...metaLabels(pod, "pod"),
  };
}

export function containerLabels(container: unknown): LabelRecord {
  return {
    [`${prefix}pod_container_name`]: textAt(container, "name"),
    [`${prefix}pod_container_image`]: textAt(container, "image"),
  };
}

export function containerPortLabels(port: unknown): LabelRecord {
  return {
    [`${prefix}pod_container_port_name`]: textAt(port, "name"),
    [`${prefix}pod_container_port_number`]: textAt(port, "containerPort"),
    [`${prefix}pod_container_port_protocol`]: textAt(port, "protocol"),
  };
}

/** `docker://…`; "" until the container runs. */
function containerId(pod: KubeObject, container: unknown, isInit: boolean): string {
  const statuses = listAt(pod, "status", isInit ? "initContainerStatuses" : "containerStatuses");
  const own = statuses.find((status) => textAt(status, "name") === textAt(container, "name"));
  return textAt(own, "containerID");
}

function readiness(pod: KubeObject): string {
  const condition = listAt(pod, "status", "conditions").find((each) => textAt(each, "type") === "Ready");
  return condition === undefined ? "unknown" : textAt(condition, "status").toLowerCase();
}
