import { hexadecimal, lines, malformed, unsigned, words } from "./text.ts";

/** The totals of /proc/net/ip_vs_stats. */
export interface IpvsStats {
  readonly connections: number;
  readonly incomingPackets: number;
  readonly outgoingPackets: number;
  readonly incomingBytes: number;
  readonly outgoingBytes: number;
}

export function parseIpvsStats(text: string): IpvsStats {
  const line = text.split("\n")[2] ?? "";
  const fields = words(line);
  if (fields.length !== 5) throw malformed("net/ip_vs_stats", line);
  const [connections, incomingPackets, outgoingPackets, incomingBytes, outgoingBytes] = fields.map((field) =>
    hexadecimal(field, "net/ip_vs_stats", line),
  );
  return {
    connections: connections!,
    incomingPackets: incomingPackets!,
    outgoingPackets: outgoingPackets!,
    incomingBytes: incomingBytes!,
    outgoingBytes: outgoingBytes!,
  };
}

/** A server behind a virtual service of /proc/net/ip_vs. */
export interface IpvsBackend {
  readonly proto: string;
  /** Empty, with port 0, where a firewall mark makes the service. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly localMark: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

type Service = Pick<IpvsBackend, "proto" | "localAddress" | "localPort" | "localMark">;

export function parseIpvs(text: string): IpvsBackend[] {
  const backends: IpvsBackend[] = [];
  let service: Service | undefined;
  for (const line of lines(text)) {
    const [kind = "", address = "", ...fields] = words(line);
    if (kind === "TCP" || kind === "UDP") {
      const local = parseAddress(address, line);
      service = { proto: kind, localAddress: local.address, localPort: local.port, localMark: "" };
    } else if (kind === "FWM") {
      service = { proto: kind, localAddress: "", localPort: 0, localMark: address };
    } else if (kind === "->" && address !== "RemoteAddress:Port" && service !== undefined) {
      backends.push(parseBackend(service, address, fields, line));
    }
  }
  return backends;
}

function parseBackend(service: Service, address: string, fields: readonly string[], line: string): IpvsBackend {
  const remote = parseAddress(address, line);
  const [, weight, active, inactive] = fields;
  return {
    ...service,
    remoteAddress: remote.address,
    remotePort: remote.port,
    weight: unsigned(weight, "net/ip_vs", line),
    active: unsigned(active, "net/ip_vs", line),
    inactive: unsigned(inactive, "net/ip_vs", line),
  };
}

/** `C0A80016:0CEA` or `[2620:0000:…:0001]:0050`. */
function parseAddress(text: string, line: string): { address: string; port: number } {
  const [, v4, v6, port] = /^(?:([0-9A-F]{8})|\[([0-9A-F:.]+)\]):([0-9A-F]{4})$/i.exec(text) ?? [];
  if (port === undefined) throw malformed("net/ip_vs", line);
  const address =
    v4 === undefined ? shortIpv6(v6 ?? "") : (v4.match(/../g) ?? []).map((byte) => Number(`0x${byte}`)).join(".");
  return { address, port: Number(`0x${port}`) };
}

/** RFC 5952: no leading zeros, and the first longest run of zeros as `::`. */
function shortIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
