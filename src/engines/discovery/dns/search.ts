import { readFile } from "node:fs/promises";
import type { DnsRecord, RecordType } from "../../../formats/dns/record.ts";
import { labelsFrom } from "../../../signals/labels.ts";
import type { Target, TargetGroup } from "../../../signals/targets.ts";
import type { Found, Polling } from "../search.ts";
import { parseResolvConf, type ResolverConfig } from "./resolv-conf.ts";
import { lookUp, type ResolverSurroundings } from "./resolver.ts";

export interface DnsSearchOptions extends ResolverSurroundings {
  readonly names: readonly string[];
  readonly type: RecordType;
  /** Of every target; SRV records have their own. */
  readonly port: number;
  readonly refreshIntervalMs: number;
  /** Path of the system's settings, read for every refresh. */
  readonly resolvConf: string;
  /** Instead of what the system's settings say. */
  readonly servers?: readonly string[] | undefined;
  readonly search?: readonly string[] | undefined;
}

/** Prometheus' dns_sd; a source is a name. */
export class DnsSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: DnsSearchOptions;

  constructor(options: DnsSearchOptions) {
    this.#options = options;
    this.refreshIntervalMs = options.refreshIntervalMs;
  }

  async refresh(stop: AbortSignal): Promise<Found> {
    const config = await this.#config();
    const names = [...new Set(this.#options.names)];
    const failures = new Map<string, unknown>();
    const ttls: number[] = [];
    const groups = await Promise.all(
      names.map(async (name): Promise<TargetGroup[]> => {
        try {
          const answer = await lookUp(name, this.#options.type, config, this.#options, stop);
          if (answer?.ttl !== undefined) ttls.push(answer.ttl);
          return [{ source: name, targets: this.#targets(name, answer?.records ?? []) }];
        } catch (error) {
          failures.set(name, error);
          return [];
        }
      }),
    );
    const refresh = ttls.length > 0 && { refreshAfterMs: Math.max(minRefreshMs, Math.min(...ttls) * 1000) };
    return { groups: groups.flat(), failures, ...refresh };
  }

  async #config(): Promise<ResolverConfig> {
    const { servers, search, resolvConf } = this.#options;
    const system = servers && search ? noConfig : parseResolvConf(await readFile(resolvConf, "utf8"));
    return { ...system, ...(servers && { servers }), ...(search && { search }) };
  }

  /** Records of other types, such as a CNAME on the way, are no targets. */
  #targets(name: string, records: readonly DnsRecord[]): Target[] {
    const wanted = records.filter((record) => record.type === this.#options.type);
    return wanted.map((record) => ({ labels: labelsFrom({ __meta_dns_name: name, ...this.#labels(record) }) }));
  }

  #labels(record: DnsRecord): Record<string, string> {
    const { port } = this.#options;
    switch (record.type) {
      case "SRV":
        return {
          __address__: `${record.target.replace(/\.+$/, "")}:${record.port}`,
          __meta_dns_srv_record_target: record.target,
          __meta_dns_srv_record_port: String(record.port),
        };
      case "MX":
        return targetLabels(record.target, port, "__meta_dns_mx_record_target");
      case "NS":
        return targetLabels(record.target, port, "__meta_dns_ns_record_target");
      default:
        return {
          __address__: record.address.includes(":") ? `[${record.address}]:${port}` : `${record.address}:${port}`,
        };
    }
  }
}

function targetLabels(target: string, port: number, meta: string): Record<string, string> {
  return { __address__: `${target.replace(/\.+$/, "")}:${port}`, [meta]: target };
}

/** However short-lived the answers say they are. */
const minRefreshMs = 5_000;

const noConfig: ResolverConfig = { servers: [], search: [], ndots: 1 };
