import { listAt, textAt, valueAt } from "../../../lib/json-at.ts";
import type { Kind, KubeObject, Role } from "./objects.ts";
import { endpointsRole } from "./roles/endpoints.ts";
import { endpointSliceRole } from "./roles/endpointslice.ts";
import { ingressRole } from "./roles/ingress.ts";
import { nodeRole } from "./roles/node.ts";
import { podRole } from "./roles/pod.ts";
import { serviceRole } from "./roles/service.ts";

export interface KindFacts {
  /** The API group and version. */
  readonly api: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** What Prometheus puts in front of the source of a group. */
  readonly source: string;
  readonly role: Role;
  /** What else the role looks at. */
  readonly looksAt: readonly Kind[];
  /** Whether `attach_metadata.node` has a meaning for it. */
  readonly attachesNode: boolean;
}

export const kinds: Readonly<Record<Kind, KindFacts>> = {
  node: kind("api/v1", "nodes", "node", nodeRole, { isNamespaced: false }),
  pod: kind("api/v1", "pods", "pod", podRole, { attachesNode: true }),
  service: kind("api/v1", "services", "svc", serviceRole),
  endpoints: kind("api/v1", "endpoints", "endpoints", endpointsRole, {
    looksAt: ["service", "pod"],
    attachesNode: true,
  }),
  endpointslice: kind("apis/discovery.k8s.io/v1", "endpointslices", "endpointslice", endpointSliceRole, {
    looksAt: ["service", "pod"],
    attachesNode: true,
  }),
  ingress: kind("apis/networking.k8s.io/v1", "ingresses", "ingress", ingressRole),
};

function kind(api: string, plural: string, source: string, role: Role, others: Partial<KindFacts> = {}): KindFacts {
  return { api, plural, source, role, isNamespaced: true, looksAt: [], attachesNode: false, ...others };
}

/** What the roles read of an object: a cluster has many, and most of a pod is of no interest here. */
export function slim(kindOf: Kind, object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = (valueAt(object, "metadata") ?? {}) as Record<string, unknown>;
  if (kindOf !== "pod") return { ...(object as object), metadata };
  return {
    metadata,
    spec: {
      nodeName: textAt(object, "spec", "nodeName"),
      containers: listAt(object, "spec", "containers").map(slimContainer),
      initContainers: listAt(object, "spec", "initContainers").map(slimContainer),
    },
    status: {
      podIP: textAt(object, "status", "podIP"),
      hostIP: textAt(object, "status", "hostIP"),
      phase: textAt(object, "status", "phase"),
      conditions: listAt(object, "status", "conditions").filter((condition) => textAt(condition, "type") === "Ready"),
      containerStatuses: listAt(object, "status", "containerStatuses").map(slimStatus),
      initContainerStatuses: listAt(object, "status", "initContainerStatuses").map(slimStatus),
    },
  };
}

function slimContainer(container: unknown) {
  return {
    name: textAt(container, "name"),
    image: textAt(container, "image"),
    ports: listAt(container, "ports"),
  };
}

function slimStatus(status: unknown) {
  return { name: textAt(status, "name"), containerID: textAt(status, "containerID") };
}
