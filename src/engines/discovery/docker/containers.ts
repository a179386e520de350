import { entriesAt, listAt, numberAt, textAt, valueAt } from "../../../lib/json-at.ts";
import { compareUtf8, type Labels, labelsFrom } from "../../../signals/labels.ts";
import { joinHostPort, sanitizeLabelName } from "../meta-labels.ts";

export interface ContainerOptions {
  /** Of a container that exposes no TCP port. */
  readonly port: number;
  /** The whole address of a container that uses the network of its host. */
  readonly hostNetworkingHost: string;
  /** Whether only the first network (by name) of a container counts. */
  readonly matchFirstNetwork: boolean;
}

/**
 * One label set for each network and TCP port of each container, as Prometheus has it. `containers` and `networks` are
 * the lists of the Engine API.
 */
export function containerLabels(containers: unknown, networks: unknown, options: ContainerOptions): Labels[] {
  const byId = new Map(listAt(containers).map((container) => [textAt(container, "Id"), container]));
  const networkLabels = new Map(listAt(networks).map((each) => [textAt(each, "Id"), labelsOfNetwork(each)]));
  const labels: Labels[] = [];
  for (const container of byId.values()) {
    if (listAt(container, "Names").length === 0) continue;
    const common = labelsOfContainer(container);
    for (const [, network] of chosenNetworks(container, byId, options.matchFirstNetwork)) {
      const shared = { ...common, ...networkLabels.get(textAt(network, "NetworkID")) };
      const ip = textAt(network, "IPAddress");
      for (const own of placesOf(container, ip, options)) {
        labels.push(labelsFrom({ ...shared, __meta_docker_network_ip: ip, ...own }));
      }
    }
  }
  return labels;
}

/** The address and the labels of each TCP port; without one, those of the fallback. */
function placesOf(container: unknown, ip: string, options: ContainerOptions): Record<string, string>[] {
  const ports = listAt(container, "Ports").filter((port) => textAt(port, "Type") === "tcp");
  if (ports.length > 0) return ports.map((port) => placeOfPort(port, ip));
  const isOnHost = networkMode(container) === "host";
  return [{ __address__: isOnHost ? options.hostNetworkingHost : joinHostPort(ip, options.port) }];
}

function placeOfPort(port: unknown, ip: string): Record<string, string> {
  const isPublic = numberAt(port, "PublicPort") > 0;
  return {
    __address__: joinHostPort(ip, numberAt(port, "PrivatePort")),
    __meta_docker_port_private: String(numberAt(port, "PrivatePort")),
    ...(isPublic && {
      __meta_docker_port_public: textAt(port, "PublicPort"),
      __meta_docker_port_public_ip: textAt(port, "IP"),
    }),
  };
}

function labelsOfContainer(container: unknown): Record<string, string> {
  const own = entriesAt(container, "Labels").map(([key, value]) => [
    `__meta_docker_container_label_${sanitizeLabelName(key)}`,
    value,
  ]);
  return {
    __meta_docker_container_id: textAt(container, "Id"),
    __meta_docker_container_name: textAt(container, "Names", "0"),
    __meta_docker_container_network_mode: networkMode(container),
    ...Object.fromEntries(own),
  };
}

function labelsOfNetwork(network: unknown): Record<string, string> {
  const own = entriesAt(network, "Labels").map(([key, value]) => [
    `__meta_docker_network_label_${sanitizeLabelName(key)}`,
    value,
  ]);
  return {
    __meta_docker_network_id: textAt(network, "Id"),
    __meta_docker_network_name: textAt(network, "Name"),
    __meta_docker_network_scope: textAt(network, "Scope"),
    __meta_docker_network_internal: String(valueAt(network, "Internal") === true),
    __meta_docker_network_ingress: String(valueAt(network, "Ingress") === true),
    ...Object.fromEntries(own),
  };
}

type Networks = [name: string, network: unknown][];

function chosenNetworks(container: unknown, byId: ReadonlyMap<string, unknown>, firstOnly: boolean): Networks {
  const networks = sharedNetworks(container, byId).filter(([, network]) => network !== null);
  networks.sort(([a], [b]) => compareUtf8(a, b));
  return firstOnly ? networks.slice(0, 1) : networks;
}

/** A container that has none of its own may use those of another (`container:<id>`), which may do the same. */
function sharedNetworks(container: unknown, byId: ReadonlyMap<string, unknown>): Networks {
  const visited = new Set<unknown>();
  for (let at = container; at !== undefined && !visited.has(at); ) {
    visited.add(at);
    const networks = Object.entries(valueAt(at, "NetworkSettings", "Networks") ?? {});
    if (networks.length > 0) return networks;
    const [, connected] = /^container:(.*)$/s.exec(networkMode(at)) ?? [];
    at = connected === undefined ? undefined : byId.get(connected);
  }
  return [];
}

function networkMode(container: unknown): string {
  return textAt(container, "HostConfig", "NetworkMode");
}
