import { listAt, textAt } from "../../../../lib/json-at.ts";
import { joinHostPort } from "../../meta-labels.ts";
import {
  type Find,
  type KubeObject,
  type LabelRecord,
  metaLabels,
  nameOf,
  namespaceLabel,
  namespaceOf,
  type ObjectTargets,
  prefix,
} from "../objects.ts";

/** A service is a target for each of its ports, at its name in the cluster. */
export function serviceRole(service: KubeObject): ObjectTargets {
  const host = `${nameOf(service)}.${namespaceOf(service)}.svc`;
  const type = textAt(service, "spec", "type");
  const common = {
    [`${prefix}service_type`]: type,
    ...(type === "ExternalName"
      ? { [`${prefix}service_external_name`]: textAt(service, "spec", "externalName") }
      : { [`${prefix}service_cluster_ip`]: textAt(service, "spec", "clusterIP") }),
    ...(type === "LoadBalancer" && {
      [`${prefix}service_loadbalancer_ip`]: textAt(service, "spec", "loadBalancerIP"),
    }),
  };
  const targets = listAt(service, "spec", "ports").map((port) => ({
    __address__: joinHostPort(host, textAt(port, "port")),
    ...common,
    [`${prefix}service_port_name`]: textAt(port, "name"),
    [`${prefix}service_port_number`]: textAt(port, "port"),
    [`${prefix}service_port_protocol`]: textAt(port, "protocol"),
  }));
  return { labels: serviceLabels(service), targets };
}

function serviceLabels(service: KubeObject): LabelRecord {
  return { ...namespaceLabel(service), ...metaLabels(service, "service") };
}

/** Those of the service that something belongs to. */
export function labelsOfService(find: Find, namespace: string, name: string): LabelRecord {
  const service = name === "" ? undefined : find("service", namespace, name);
  return service === undefined ? {} : serviceLabels(service);
}
