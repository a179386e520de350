import { isIPv6 } from "node:net";

/** How names are looked up, as resolv.conf(5) says it. */
export interface ResolverConfig {
  /** `192.0.2.1:53`, `[2001:db8::1]:53`; in the order in which they are asked. */
  readonly servers: readonly string[];
  /** Domains that a name may be short for. */
  readonly search: readonly string[];
  /** A name with fewer dots is tried as a short one first. */
  readonly ndots: number;
}

/** Of `search` and `domain` the last one counts, as in the C library. */
export function parseResolvConf(text: string): ResolverConfig {
  const servers: string[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(withPort(values[0]));
    else if (keyword === "search") search = values;
    else if (keyword === "domain") search = values.slice(0, 1);
    else if (keyword === "options") ndots = ndotsOf(values) ?? ndots;
  }
  return { servers, search, ndots };
}

/** All names that a name may mean, in the order in which they are tried; each ends in a dot. */
export function candidateNames(name: string, { search, ndots }: ResolverConfig): string[] {
  if (name.endsWith(".")) return [name];
  const short = search.map((domain) => (domain === "." ? `${name}.` : `${name}.${domain.replace(/\.$/, "")}.`));
  // As Prometheus' resolver counts: labels, not dots.
  return name.split(".").length > ndots ? [`${name}.`, ...short] : [...short, `${name}.`];
}

function withPort(address: string): string {
  const [plain = ""] = address.split("%");
  return isIPv6(plain) ? `[${address}]:53` : `${address}:53`;
}

function ndotsOf(options: readonly string[]): number | undefined {
  const option = options.find((text) => /^ndots:[0-9]+$/.test(text));
  return option === undefined ? undefined : Math.min(Number(option.slice(6)), 15);
}
