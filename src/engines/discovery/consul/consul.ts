import { type Clock, sleep } from "../../../lib/clock.ts";
import { entriesAt, listAt, textAt } from "../../../lib/json-at.ts";
import type { Send } from "../json-request.ts";
import type { Sink, Watching } from "../search.ts";
import { type BlockingQuery, ConsulClient, type ConsulServer } from "./blocking-query.ts";
import { serviceLabels } from "./service-labels.ts";
import { ServiceList } from "./service-list.ts";
import { ServiceWatches } from "./service-watches.ts";

export interface ConsulOptions extends ConsulServer {
  /** Only these; all of the catalogue if empty. */
  readonly services: readonly string[];
  /** An instance has to have them all. */
  readonly tags: readonly string[];
  readonly tagSeparator: string;
  /** A node has to have them all. */
  readonly nodeMeta: Readonly<Record<string, string>>;
  /** An expression that the catalogue's services have to satisfy. */
  readonly filter?: string;
  /** An expression that the instances have to satisfy. */
  readonly healthFilter?: string;
  /** Between the beginnings of two queries for the same thing, which bounds what a busy catalogue costs. */
  readonly refreshIntervalMs: number;
}

/**
 * The services of a Consul catalogue, a service is a source.
 *
 *     catalogue ─ services that come and go ─► a watch of each ─► its instances
 *
 * Where the services are named and no tags are asked for, the catalogue has nothing to say, and is not asked.
 */
export class ConsulSearch implements Watching {
  readonly refreshIntervalMs: number;
  readonly #options: ConsulOptions;
  readonly #client: ConsulClient;
  readonly #clock: Clock;

  constructor(options: ConsulOptions, send: Send, clock: Clock) {
    this.refreshIntervalMs = options.refreshIntervalMs;
    this.#options = options;
    this.#client = new ConsulClient(options, send, clock);
    this.#clock = clock;
  }

  async watch(stop: AbortSignal, sink: Sink): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal]);
    const datacenter = this.#options.datacenter ?? (await this.#ownDatacenter(stop));
    const list = new ServiceList(sink);
    const watches = new ServiceWatches(
      (service, until) => this.#watchService(service, datacenter, until, list),
      signal,
    );
    const cancelPatience = this.#clock.after(patienceMs, () => list.open());
    try {
      const { services, tags } = this.#options;
      if (services.length > 0 && tags.length === 0) {
        list.retain(services);
        watches.retain(services);
        await watches.ended(signal);
      } else {
        await this.#watchCatalogue(watches, signal, list);
      }
    } finally {
      cancelPatience();
      ended.abort();
      await watches.closed();
    }
  }

  /** A query without one is answered by the datacenter of the agent that is asked; the labels have to name it. */
  async #ownDatacenter(stop: AbortSignal): Promise<string> {
    const { value } = await this.#client.get("v1/agent/self", [], stop);
    const datacenter = textAt(value, "Config", "Datacenter");
    if (datacenter === "") throw new Error("the Consul agent does not name its datacenter");
    return datacenter;
  }

  async #watchCatalogue(watches: ServiceWatches, stop: AbortSignal, list: ServiceList): Promise<void> {
    const { filter } = this.#options;
    const parameters = [...this.#nodeMeta(), ...filterParameter(filter)];
    const query = this.#client.blocking("v1/catalog/services", parameters);
    await this.#repeat(query, stop, list, catalogueSource, (catalogue) => {
      const services = entriesAt(catalogue)
        .map(([service]) => service)
        .filter((service) => this.#isWanted(service, listAt(catalogue, service)));
      list.retain(services);
      watches.retain(services);
    });
  }

  #isWanted(service: string, has: readonly unknown[]): boolean {
    const { services, tags } = this.#options;
    return (services.length === 0 || services.includes(service)) && tags.every((tag) => has.includes(tag));
  }

  async #watchService(service: string, datacenter: string, stop: AbortSignal, list: ServiceList): Promise<void> {
    const { tags, tagSeparator, healthFilter } = this.#options;
    const query = this.#client.blocking(`v1/health/service/${encodeURIComponent(service)}`, [
      ...this.#nodeMeta(),
      ...filterParameter(healthFilter),
      ...tags.map((tag) => ["tag", tag] as const),
    ]);
    await this.#repeat(query, stop, list, service, (entries) => {
      const labels = serviceLabels(entries, { service, datacenter, tagSeparator });
      list.update({ source: service, targets: labels.map((each) => ({ labels: each })) });
    });
  }

  #nodeMeta(): [string, string][] {
    return Object.entries(this.#options.nodeMeta).map(([key, value]) => ["node-meta", `${key}:${value}`]);
  }

  /** Failures of one query are no reason to give up the others. */
  async #repeat(
    query: BlockingQuery,
    stop: AbortSignal,
    list: ServiceList,
    source: string,
    take: (value: unknown) => void,
  ): Promise<void> {
    while (!stop.aborted) {
      const started = this.#clock.monotonic();
      try {
        const news = await query.next(stop);
        if (stop.aborted) return;
        if (news === undefined) list.alive(source);
        else take(news.value);
      } catch (error) {
        if (stop.aborted) return;
        const what = source === catalogueSource ? "its services" : `the service ${source}`;
        list.fail(new Error(`cannot ask Consul for ${what}`, { cause: error }), source);
        await sleep(this.#clock, retryMs, stop);
      }
      await sleep(this.#clock, started + this.refreshIntervalMs - this.#clock.monotonic(), stop);
    }
  }
}

/** The catalogue fails and recovers by itself, as a service does; no service has this name. */
const catalogueSource = "\0catalogue";

/** How long the first set of targets waits for services that do not answer. */
const patienceMs = 10_000;

/** Prometheus' pause after a failure. */
const retryMs = 15_000;

function filterParameter(filter: string | undefined): [string, string][] {
  return filter === undefined || filter === "" ? [] : [["filter", filter]];
}
