import type { EtcdClient } from "./etcd-client.ts";
import type { Membership } from "./membership.ts";

export interface EtcdMembershipOptions {
  readonly client: Pick<EtcdClient, "call" | "close">;
  /** All keys of the cluster begin with it, and it ends in a slash. */
  readonly prefix: string;
  readonly self: string;
  /** Nothing may be scraped by nobody for longer than this. */
  readonly leaseMs: number;
  /** Tells this process from another one that calls itself the same. */
  readonly instance: string;
}

/**
 * A member is a key in etcd that lives as long as its lease, and all keys are the members.
 *
 *     dies        its lease runs out        the others have looked        `leaseMs`
 *      ├───────── 60 % ─────────┼──────────────── 15 % ──────┤···············│
 *
 * A look renews the lease and reads the list.
 */
export class EtcdMembership implements Membership {
  readonly self: string;
  readonly intervalMs: number;
  readonly patienceMs: number;
  readonly #options: EtcdMembershipOptions;
  #lease: string | undefined;

  constructor(options: EtcdMembershipOptions) {
    this.#options = options;
    this.self = options.self;
    this.intervalMs = lookIntervalMs(options.leaseMs);
    this.patienceMs = options.leaseMs;
  }

  async look(stop: AbortSignal): Promise<readonly string[]> {
    if (!(await this.#renew(stop))) await this.#join(stop);
    const found = await this.#list(stop);
    const own = found.get(this.self);
    if (own === undefined) {
      // Somebody deleted the key: the next look makes a new one.
      this.#lease = undefined;
      throw new Error(`the key of ${this.self} is gone from etcd`);
    }
    if (own !== this.#options.instance) throw new Error(`another member calls itself ${this.self}, too`);
    return [...found.keys()];
  }

  async leave(): Promise<void> {
    const { client } = this.#options;
    const ID = this.#lease;
    if (ID !== undefined) await client.call("/v3/lease/revoke", { ID }, new AbortController().signal).catch(() => {});
    await client.close();
  }

  /** Whether there is a lease that is still good. */
  async #renew(stop: AbortSignal): Promise<boolean> {
    if (this.#lease === undefined) return false;
    const answer = await this.#options.client.call("/v3/lease/keepalive", { ID: this.#lease }, stop);
    const { TTL } = Object(answer.result) as { TTL?: string };
    if (Number(TTL ?? 0) > 0) return true;
    this.#lease = undefined;
    return false;
  }

  async #join(stop: AbortSignal): Promise<void> {
    const { client, prefix, self, instance, leaseMs } = this.#options;
    const TTL = String(Math.max(minTtlSeconds, Math.floor((leaseMs * ttlShare) / 1000)));
    const { ID } = (await client.call("/v3/lease/grant", { TTL }, stop)) as { ID?: string };
    if (ID === undefined) throw new Error("etcd grants no lease");
    await client.call("/v3/kv/put", { key: base64(prefix + self), value: base64(instance), lease: ID }, stop);
    this.#lease = ID;
  }

  /** Member to instance. */
  async #list(stop: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { client, prefix } = this.#options;
    // The first key beyond all that begin with the prefix: its last byte, which is a slash, plus one.
    const end = `${prefix.slice(0, -1)}0`;
    const answer = await client.call("/v3/kv/range", { key: base64(prefix), range_end: base64(end) }, stop);
    const { kvs = [] } = answer as { kvs?: readonly { key: string; value?: string }[] };
    return new Map(kvs.map(({ key, value = "" }) => [plain(key).slice(prefix.length), plain(value)]));
  }
}

/** How often a member looks; also how long a look may wait for one answer of etcd. */
export function lookIntervalMs(leaseMs: number): number {
  return leaseMs * lookShare;
}

const ttlShare = 0.6;
const lookShare = 0.15;

/** Shorter leases etcd makes longer by itself. */
const minTtlSeconds = 2;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function plain(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
