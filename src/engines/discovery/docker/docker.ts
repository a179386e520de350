import type { Clock } from "../../../lib/clock.ts";
import { versionedBase } from "../../../lib/docker-engine.ts";
import { within } from "../../../lib/within.ts";
import { requestJson, type Send } from "../json-request.ts";
import type { Found, Polling } from "../search.ts";
import { type ContainerOptions, containerLabels } from "./containers.ts";

export interface DockerOptions extends ContainerOptions {
  /** `http://host:port`, or any host where the client leads to a Unix socket. */
  readonly url: URL;
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly refreshIntervalMs: number;
}

/** The running containers of a Docker Engine. */
export class DockerSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: DockerOptions;
  readonly #send: Send;
  readonly #clock: Clock;

  constructor(options: DockerOptions, send: Send, clock: Clock) {
    this.refreshIntervalMs = options.refreshIntervalMs;
    this.#options = options;
    this.#send = send;
    this.#clock = clock;
  }

  async refresh(stop: AbortSignal): Promise<Found> {
    return within(timeoutMs, this.#clock, stop, "the Docker Engine", async (signal) => {
      const base = await versionedBase(this.#send, this.#options.url, signal);
      const containers = await this.#get(`${base}containers/json${this.#filterQuery()}`, signal);
      const networks = await this.#get(`${base}networks`, signal);
      const targets = containerLabels(containers, networks, this.#options).map((labels) => ({ labels }));
      return { groups: [{ source: "Docker", targets }] };
    });
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    return (await requestJson(this.#send, { method: "GET", url: this.#url(path), signal })).value;
  }

  #url(path: string): URL {
    return new URL(path, this.#options.url);
  }

  #filterQuery(): string {
    const { filters } = this.#options;
    if (filters.length === 0) return "";
    const values: Record<string, string[]> = {};
    for (const filter of filters) values[filter.name] = [...(values[filter.name] ?? []), ...filter.values];
    return `?${new URLSearchParams({ filters: JSON.stringify(values) })}`;
  }
}

const timeoutMs = 30_000;
