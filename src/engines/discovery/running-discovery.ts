import { realDisk } from "../../lib/disk-real.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { Discovery } from "./discovery.ts";
import type { Search } from "./search.ts";
import type { DiscoverySurroundings } from "./surroundings.ts";

/** A component that finds targets by HTTP: its clients are closed with it. `identity` as in DiscoveryOptions. */
export function runningDiscovery(
  search: Search,
  { emptyGrace, identity }: { emptyGrace: number; identity: unknown },
  surroundings: DiscoverySurroundings,
  clients: readonly HttpClient[],
) {
  const options = { emptyGrace, identity: JSON.stringify(identity), disk: realDisk };
  const discovery = new Discovery(search, options, surroundings);
  return {
    async run(stop: AbortSignal): Promise<void> {
      try {
        await discovery.run(stop);
      } finally {
        await Promise.all(clients.map((client) => client.close()));
      }
    },
    debug: () => discovery.debug(),
  };
}
