import { Resolver } from "node:dns/promises";
import type { Clock } from "../../lib/clock.ts";

/** Names of an IP address; rejects where it has none. */
export type ReverseLookup = (ip: string) => Promise<readonly string[]>;

/** Names are asked for again after so long. */
const maxAgeMs = 600_000;

/** The names of clients, by reverse DNS. So many are remembered, addresses without a name among them. */
export class PeerNames {
  readonly #lookup: ReverseLookup;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #known = new Map<string, { readonly name: Promise<string | undefined>; readonly until: number }>();

  constructor(lookup: ReverseLookup, clock: Clock, limit: number) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Several names are joined by commas, as Alloy does. Never rejects. */
  of(ip: string): Promise<string | undefined> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(ip);
    if (known !== undefined && known.until > now) return known.name;
    const name = this.#lookup(ip).then(
      (names) => names.join(","),
      () => undefined,
    );
    this.#known.delete(ip);
    this.#known.set(ip, { name, until: now + maxAgeMs });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#limit) break;
      this.#known.delete(oldest);
    }
    return name;
  }
}

/** A name server that does not answer holds up messages no longer than this. */
export function reverseLookup(ip: string): Promise<string[]> {
  return new Resolver({ timeout: 2000, tries: 1 }).reverse(ip);
}
