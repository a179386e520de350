import { entriesAt, listAt, textAt } from "../../../lib/json-at.ts";
import { type Labels, labelsFrom } from "../../../signals/labels.ts";
import { joinHostPort, sanitizeLabelName } from "../meta-labels.ts";

export interface ServiceOptions {
  readonly service: string;
  readonly datacenter: string;
  readonly tagSeparator: string;
}

/** One label set for each instance of a service, of the list that `/v1/health/service/<name>` answers with. */
export function serviceLabels(entries: unknown, options: ServiceOptions): Labels[] {
  return listAt(entries).map((entry) => labelsOf(entry, options));
}

function labelsOf(entry: unknown, { service, datacenter, tagSeparator }: ServiceOptions): Labels {
  const text = (...path: string[]) => textAt(entry, ...path);
  const tags = listAt(entry, "Service", "Tags").map((tag) => textAt(tag));
  const port = text("Service", "Port") || "0";
  // A service may be registered by another node than the one it runs on.
  const host = text("Service", "Address") || text("Node", "Address");
  return labelsFrom({
    __address__: joinHostPort(host, port),
    __meta_consul_address: text("Node", "Address"),
    __meta_consul_dc: datacenter,
    __meta_consul_health: aggregatedStatus(listAt(entry, "Checks")),
    __meta_consul_namespace: text("Service", "Namespace"),
    __meta_consul_node: text("Node", "Node"),
    __meta_consul_partition: text("Service", "Partition"),
    __meta_consul_service: service,
    __meta_consul_service_address: text("Service", "Address"),
    __meta_consul_service_id: text("Service", "ID"),
    __meta_consul_service_port: port,
    // With separators at both ends, so that a regex needs not know where a tag stands.
    __meta_consul_tags: `${tagSeparator}${tags.join(tagSeparator)}${tagSeparator}`,
    ...prefixed("__meta_consul_metadata_", entriesAt(entry, "Node", "Meta")),
    ...prefixed("__meta_consul_service_metadata_", entriesAt(entry, "Service", "Meta")),
    ...prefixed("__meta_consul_tagged_address_", entriesAt(entry, "Node", "TaggedAddresses")),
  });
}

function prefixed(prefix: string, entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, value]) => [prefix + sanitizeLabelName(key), value]));
}

/** The worst of the checks, as Consul's own client sums them up; a status that is not known hides them all. */
function aggregatedStatus(checks: readonly unknown[]): string {
  const isMaintenance = (check: unknown) =>
    textAt(check, "CheckID") === "_node_maintenance" || textAt(check, "CheckID").startsWith("_service_maintenance:");
  const statuses = checks.filter((check) => !isMaintenance(check)).map((check) => textAt(check, "Status"));
  if (statuses.some((status) => !["passing", "warning", "critical"].includes(status))) return "";
  if (checks.some(isMaintenance)) return "maintenance";
  return ["critical", "warning"].find((status) => statuses.includes(status)) ?? "passing";
}
