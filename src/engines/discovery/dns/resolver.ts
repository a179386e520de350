import type { DnsAnswer } from "../../../formats/dns/message.ts";
import type { RecordType } from "../../../formats/dns/record.ts";
import type { Clock } from "../../../lib/clock.ts";
import { describeError } from "../../../lib/errors.ts";
import { askServer, type DnsServer } from "./exchange.ts";
import { candidateNames, type ResolverConfig } from "./resolv-conf.ts";

export interface ResolverSurroundings {
  readonly clock: Clock;
  /** An unpredictable number below 65536. */
  readonly randomId: () => number;
  /** For one question to one server. */
  readonly timeoutMs: number;
  /** After each answer, or none, of a server. */
  readonly onLookup: (isFailure: boolean) => void;
}

/**
 * Looks up a name as Prometheus' dns_sd does: the names that it may be short for one after the other, each with one server
 * after the other. The first name that exists is the answer, even if it has no such records; undefined where none
 * exists. Rejects where some server could have known better and did not answer.
 */
export async function lookUp(
  name: string,
  type: RecordType,
  config: ResolverConfig,
  surroundings: ResolverSurroundings,
  stop: AbortSignal,
): Promise<DnsAnswer | undefined> {
  const failures: string[] = [];
  for (const candidate of candidateNames(name, config)) {
    const answer = await askAll(candidate, type, config.servers, surroundings, stop, failures);
    if (answer?.rcode === "NOERROR") return answer;
  }
  if (failures.length === 0) return undefined;
  throw new Error(`cannot look up ${name}: ${[...new Set(failures)].join(", ")}`);
}

/** The first answer that says something about the name; what kept it from others is added to `failures` if there is none. */
async function askAll(
  name: string,
  type: RecordType,
  servers: readonly DnsServer[],
  { clock, randomId, timeoutMs, onLookup }: ResolverSurroundings,
  stop: AbortSignal,
  failures: string[],
): Promise<DnsAnswer | undefined> {
  const reasons: string[] = [];
  for (const server of servers) {
    const timeout = new AbortController();
    const cancel = clock.after(timeoutMs, () => timeout.abort(new Error(`no answer within ${timeoutMs / 1000}s`)));
    try {
      const question = { id: randomId(), name, type };
      const answer = await askServer(server, question, AbortSignal.any([stop, timeout.signal]));
      const isViable = answer.rcode === "NOERROR" || answer.rcode === "NXDOMAIN";
      onLookup(!isViable);
      if (isViable) return answer;
      reasons.push(`${server} answers ${answer.rcode}`);
    } catch (error) {
      if (stop.aborted) throw error;
      onLookup(true);
      reasons.push(`${server}: ${describeError(error)}`);
    } finally {
      cancel();
    }
  }
  failures.push(...(servers.length === 0 ? ["there is no name server to ask"] : reasons));
  return undefined;
}
