import { realDisk } from "../../lib/disk-real.ts";
import type { HttpClient } from "../../lib/http-client.ts";
import { Discovery } from "./discovery.ts";
import type { Search } from "./search.ts";
import type { DiscoverySurroundings } from "./surroundings.ts";

/**
 * A component that finds targets by a search of its own. `load` imports it when the component runs: an agent does not pay
 * for mechanisms that its config does not use. `clients` are closed with the component. `identity` as in DiscoveryOptions.
 */
export function runningDiscovery(
  load: () => Promise<Search>,
  { emptyGrace, identity }: { emptyGrace: number; identity: unknown },
  surroundings: DiscoverySurroundings,
  clients: readonly HttpClient[] = [],
) {
  const options = { emptyGrace, identity: JSON.stringify(identity), disk: realDisk };
  let discovery: Discovery | undefined;
  return {
    async run(stop: AbortSignal): Promise<void> {
      try {
        discovery = new Discovery(await load(), options, surroundings);
        await discovery.run(stop);
      } finally {
        await Promise.all(clients.map((client) => client.close()));
      }
    },
    debug: () => discovery?.debug() ?? {},
  };
}
