import type { AzureCloud } from "../../../lib/azure/clouds.ts";
import { type AzureSurroundings, type AzureTokenOptions, AzureTokens } from "../../../lib/azure/tokens.ts";
import { listAt, textAt } from "../../../lib/json-at.ts";
import { within } from "../../../lib/within.ts";
import { AnswerError, requestJson } from "../json-request.ts";
import type { Found, Polling } from "../search.ts";
import { interfaceIds, type Machine, type MachineOptions, machineLabels, resourceGroupOf } from "./machines.ts";

export interface AzureOptions extends MachineOptions {
  readonly cloud: AzureCloud;
  readonly identity: AzureTokenOptions["identity"];
  /** All groups of the subscription if left out. */
  readonly resourceGroup?: string;
  readonly refreshIntervalMs: number;
  readonly random: () => number;
}

/** The virtual machines of a subscription, and those of its scale sets. */
export class AzureSearch implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: AzureOptions;
  readonly #surroundings: AzureSurroundings;
  readonly #tokens: AzureTokens;
  /** The subscription's budget of requests is small, and interfaces hardly ever change: they are kept for a while. */
  readonly #interfaces = new Map<string, { readonly value: unknown; readonly until: number }>();

  constructor(options: AzureOptions, surroundings: AzureSurroundings) {
    const { cloud, identity } = options;
    this.refreshIntervalMs = options.refreshIntervalMs;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#tokens = new AzureTokens({ identity, login: cloud.login, audience: cloud.audience }, surroundings);
  }

  async refresh(stop: AbortSignal): Promise<Found> {
    const machines = await this.#machines(stop);
    const labels = await mapSome(machines, maxRequests, async (machine) => {
      const interfaces = await Promise.all(interfaceIds(machine).map((id) => this.#interface(id, stop)));
      return machineLabels(machine, interfaces, this.#options);
    });
    this.#forgetInterfaces();
    const targets = labels.filter((each) => each !== undefined).map((each) => ({ labels: each }));
    return { groups: [{ source: this.#options.subscriptionId, targets }] };
  }

  async #machines(stop: AbortSignal): Promise<Machine[]> {
    const { subscriptionId, resourceGroup } = this.#options;
    const subscription = `/subscriptions/${encodeURIComponent(subscriptionId)}`;
    const scope = resourceGroup === undefined ? "" : `/resourceGroups/${encodeURIComponent(resourceGroup)}`;
    const compute = `${subscription}${scope}/providers/Microsoft.Compute`;
    const machines: Machine[] = (await this.#list(`${compute}/virtualMachines`, stop)).map((resource) => ({
      resource,
    }));
    for (const scaleSet of await this.#list(`${compute}/virtualMachineScaleSets`, stop)) {
      const name = textAt(scaleSet, "name");
      const group = resourceGroupOf(textAt(scaleSet, "id"));
      const path = `${subscription}/resourceGroups/${encodeURIComponent(group)}/providers/Microsoft.Compute/virtualMachineScaleSets`;
      const members = await this.#list(`${path}/${encodeURIComponent(name)}/virtualMachines`, stop);
      for (const resource of members) machines.push({ resource, scaleSet: name });
    }
    return machines;
  }

  async #list(path: string, stop: AbortSignal): Promise<unknown[]> {
    const { resourceManager } = this.#options.cloud;
    const items: unknown[] = [];
    const first = new URL(`${resourceManager}${path}?api-version=${computeVersion}`);
    for (let url: URL | undefined = first; url !== undefined; ) {
      const page: unknown = await this.#get(url, stop);
      for (const item of listAt(page, "value")) items.push(item);
      url = nextPage(textAt(page, "nextLink"), first);
    }
    return items;
  }

  /** Undefined when it is gone. */
  async #interface(id: string, stop: AbortSignal): Promise<unknown> {
    const now = this.#surroundings.clock.monotonic();
    const known = this.#interfaces.get(id);
    if (known !== undefined && now < known.until) return known.value;
    const version = /\/virtualMachineScaleSets\//i.test(id) ? scaleSetNetworkVersion : networkVersion;
    const url = new URL(id, this.#options.cloud.resourceManager);
    url.search = `?api-version=${version}&$expand=IPConfigurations/PublicIPAddress`;
    try {
      const value = await this.#get(url, stop);
      const keptMs = this.refreshIntervalMs * (4 + 2 * this.#options.random());
      this.#interfaces.set(id, { value, until: now + keptMs });
      return value;
    } catch (error) {
      if (error instanceof AnswerError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #get(url: URL, stop: AbortSignal): Promise<unknown> {
    const { send, clock } = this.#surroundings;
    const authorization = await this.#tokens.authorization(stop);
    try {
      return await within(timeoutMs, clock, stop, url.host, async (signal) => {
        const headers = { accept: "application/json", authorization };
        return (await requestJson(send, { method: "GET", url, headers, signal })).value;
      });
    } catch (error) {
      if (error instanceof AnswerError && error.status === 401) this.#tokens.forget();
      throw error;
    }
  }

  #forgetInterfaces(): void {
    const now = this.#surroundings.clock.monotonic();
    for (const [id, { until }] of this.#interfaces) if (until <= now) this.#interfaces.delete(id);
  }
}

const computeVersion = "2024-03-01";
const networkVersion = "2023-11-01";

/** The last one that knows the interfaces of scale sets. */
const scaleSetNetworkVersion = "2018-10-01";

const timeoutMs = 30_000;

/** At the same time. */
const maxRequests = 10;

/** The token is for the resource manager, and goes nowhere else. */
function nextPage(link: string, first: URL): URL | undefined {
  if (link === "") return undefined;
  const url = URL.parse(link);
  if (url?.origin !== first.origin) throw new Error(`${first.host} names a next page at another place`);
  return url;
}

async function mapSome<T, R>(items: readonly T[], limit: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const next = items.entries();
  const worker = async () => {
    for (const [at, item] of next) results[at] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
