import { type Clock, sleep } from "../../../lib/clock.ts";
import { entriesAt, listAt, textAt } from "../../../lib/json-at.ts";
import type { TargetGroup } from "../../../signals/targets.ts";
import type { Send } from "../json-request.ts";
import type { Sink, Watching } from "../search.ts";
import { type BlockingQuery, ConsulClient, type ConsulServer } from "./blocking-query.ts";
import { serviceLabels } from "./service-labels.ts";

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
    await this.#repeat(query, stop, list.sink, catalogueSource, (catalogue) => {
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
    await this.#repeat(query, stop, list.sink, service, (entries) => {
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
    sink: Sink,
    source: string,
    take: (value: unknown) => void,
  ): Promise<void> {
    while (!stop.aborted) {
      const started = this.#clock.monotonic();
      try {
        const news = await query.next(stop);
        if (stop.aborted) return;
        if (news === undefined) sink.alive(source);
        else take(news.value);
      } catch (error) {
        if (stop.aborted) return;
        const what = source === catalogueSource ? "its services" : `the service ${source}`;
        sink.fail(new Error(`cannot ask Consul for ${what}`, { cause: error }), source);
        await sleep(this.#clock, retryMs, stop);
      }
      await sleep(this.#clock, started + this.refreshIntervalMs - this.#clock.monotonic(), stop);
    }
  }
}

/** The catalogue fails and recovers by itself, as a service does; no service has this name. */
const catalogueSource = "\0catalogue";

/** Prometheus' pause after a failure. */
const retryMs = 15_000;

function filterParameter(filter: string | undefined): [string, string][] {
  return filter === undefined || filter === "" ? [] : [["filter", filter]];
}

/** Holds the first list back until the first service has answered: names without targets are nothing to hand on. */
class ServiceList {
  readonly sink: Sink;
  #services: readonly string[] = [];
  #hasHeard = false;

  constructor(sink: Sink) {
    this.sink = sink;
  }

  retain(services: readonly string[]): void {
    this.#services = services;
    if (this.#hasHeard || services.length === 0) this.sink.retain(services);
  }

  update(group: TargetGroup): void {
    this.sink.update([group]);
    if (!this.#hasHeard) this.sink.retain(this.#services);
    this.#hasHeard = true;
  }
}

/** The watches that run at present, one for each service. */
class ServiceWatches {
  readonly #watch: (service: string, stop: AbortSignal) => Promise<void>;
  readonly #stop: AbortSignal;
  readonly #running = new Map<string, { readonly end: AbortController; readonly ended: Promise<void> }>();
  readonly #broken = Promise.withResolvers<never>();

  constructor(watch: (service: string, stop: AbortSignal) => Promise<void>, stop: AbortSignal) {
    this.#watch = watch;
    this.#stop = stop;
    this.#broken.promise.catch(() => {});
  }

  /** Begins what is new, and ends what is not named any more. */
  retain(services: readonly string[]): void {
    for (const [service, { end }] of this.#running) {
      if (services.includes(service)) continue;
      end.abort();
      this.#running.delete(service);
    }
    for (const service of services) if (!this.#running.has(service)) this.#begin(service);
  }

  /** Resolves when all has to end; rejects with what is wrong in our own code. */
  ended(stop: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
    return Promise.race([aborted, this.#broken.promise]);
  }

  async closed(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #begin(service: string): void {
    const end = new AbortController();
    const ended = this.#watch(service, AbortSignal.any([this.#stop, end.signal]));
    this.#running.set(service, { end, ended: ended.catch((error: unknown) => this.#broken.reject(error)) });
  }
}
