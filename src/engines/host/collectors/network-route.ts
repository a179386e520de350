import { parseRoutes } from "../../../formats/procfs/ip-route.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const routeInfo = gauge("node_network_route_info", "network routing table information");
const routes = gauge("node_network_routes", "network routes by interface");

/** RTPROT_*, by number. */
const protocols: Readonly<Record<number, string>> = {
  ...{ 0: "unspec", 1: "redirect", 2: "kernel", 3: "boot", 4: "static", 8: "gated", 9: "ra", 10: "mrt", 11: "zebra" },
  // Spelled as upstream spells it.
  ...{ 12: "bird", 13: "dnrouted", 14: "xorp", 15: "ntk", 16: "dhcp", 17: "mrouted", 42: "babel", 186: "bgp" },
  ...{ 187: "isis", 188: "ospf", 189: "rip", 192: "eigrp" },
};

/** /proc/net/route has the main table only, without protocol and source; `ip` shows what upstream reads by netlink. */
export const networkRoute: CollectorSpec = {
  name: "network_route",
  enabledByDefault: false,

  create({ helpers }) {
    const ask = (family: "-4" | "-6") =>
      helpers.output("ip", ["-j", "-N", "-d", family, "route", "show", "table", "all"], "iproute2");
    return async (emit) => {
      const [four, six] = await Promise.all([ask("-4"), ask("-6")]);
      const perDevice = new Map<string, number>();
      for (const hop of [...parseRoutes(four.trim(), 32), ...parseRoutes(six.trim(), 128)]) {
        const { device, destination, gateway, priority, protocol, source, weight = "" } = hop;
        const labels = ["dest", destination, "device", device, "gw", gateway, "priority", String(priority)];
        labels.push("proto", protocols[protocol] ?? "unknown", "src", source, "weight", String(weight));
        emit(routeInfo, labels, 1);
        perDevice.set(device, (perDevice.get(device) ?? 0) + 1);
      }
      for (const [device, count] of perDevice) emit(routes, ["device", device], count);
    };
  },
};
