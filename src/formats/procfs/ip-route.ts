/** A route as `ip -j -N -d route` tells it: types, protocols and tables by their numbers, which no file renames. */
interface RouteJson {
  readonly type: string;
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly protocol?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly nexthops?: readonly { readonly dev?: string; readonly gateway?: string; readonly weight: number }[];
}

/** One way of a route: a route over several devices has several. */
export interface RouteHop {
  readonly device: string;
  readonly gateway: string;
  /** `default` or a prefix with its length. */
  readonly destination: string;
  readonly source: string;
  readonly priority: number;
  readonly protocol: number;
  /** Undefined if it is the only way. */
  readonly weight: number | undefined;
}

/** RTN_UNICAST: not local, broadcast, blackhole, … */
const unicast = "1";

/** The unicast routes; `bits` is how long an address is, which a route to one host does not say. */
export function parseRoutes(json: string, bits: 32 | 128): RouteHop[] {
  const routes = JSON.parse(json === "" ? "[]" : json) as RouteJson[];
  return routes
    .filter(({ type }) => type === unicast)
    .flatMap((route) => {
      const common = {
        destination: route.dst === "default" || route.dst.includes("/") ? route.dst : `${route.dst}/${bits}`,
        source: route.prefsrc ?? "",
        priority: route.metric ?? 0,
        protocol: Number(route.protocol ?? 0),
      };
      const hops = route.nexthops ?? [{ dev: route.dev, gateway: route.gateway, weight: undefined }];
      return hops.map(({ dev = "", gateway = "", weight }) => ({ ...common, device: dev, gateway, weight }));
    });
}
