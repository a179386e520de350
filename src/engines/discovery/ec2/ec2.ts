import { type CredentialOptions, CredentialSource, findRegion } from "../../../lib/aws/credentials.ts";
import { awsQuery, isAboutCredentials, isPassing, regionalEndpoint } from "../../../lib/aws/query.ts";
import type { AwsSurroundings } from "../../../lib/aws/surroundings.ts";
import { Backoff } from "../../../lib/backoff.ts";
import { sleep } from "../../../lib/clock.ts";
import { within } from "../../../lib/within.ts";
import type { XmlElement } from "../../../lib/xml.ts";
import type { Labels } from "../../../signals/labels.ts";
import type { TargetGroup } from "../../../signals/targets.ts";
import type { Found, Polling } from "../search.ts";
import { type InstanceOptions, instanceLabels, nextTokenOf, zoneIdsOf } from "./instances.ts";

export interface Ec2Options extends Omit<InstanceOptions, "region" | "zoneIds">, Omit<CredentialOptions, "sts"> {
  /** That of the environment, the profile or the instance if empty. */
  readonly regions: readonly string[];
  /** Instead of those of the regions. For STS as well. */
  readonly endpoint?: string;
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly refreshIntervalMs: number;
  readonly random: () => number;
}

/** The instances of some regions of EC2; a region is a source. */
export class Ec2Search implements Polling {
  readonly refreshIntervalMs: number;
  readonly #options: Ec2Options;
  readonly #surroundings: AwsSurroundings;
  #account: { readonly regions: readonly string[]; readonly credentials: CredentialSource } | undefined;
  /** Asked for once per region. */
  readonly #zoneIds = new Map<string, ReadonlyMap<string, string>>();

  constructor(options: Ec2Options, surroundings: AwsSurroundings) {
    this.refreshIntervalMs = options.refreshIntervalMs;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  async refresh(stop: AbortSignal): Promise<Found> {
    this.#account ??= await this.#open(stop);
    const { regions, credentials } = this.#account;
    const groups: TargetGroup[] = [];
    const failures = new Map<string, unknown>();
    const asked = regions.map(async (region) => {
      try {
        const labels = await this.#instances(region, credentials, stop);
        groups.push({ source: region, targets: labels.map((each) => ({ labels: each })) });
      } catch (error) {
        if (isAboutCredentials(error)) credentials.forget();
        failures.set(region, new Error(`cannot list the instances of ${region}`, { cause: error }));
      }
    });
    await Promise.all(asked);
    return { groups, failures };
  }

  async #open(stop: AbortSignal) {
    const { regions, endpoint, ...options } = this.#options;
    const found = regions.length > 0 ? regions : [await findRegion(options.profile, this.#surroundings, stop)];
    const sts = { region: found[0] ?? "", ...(endpoint !== undefined && { endpoint }) };
    return { regions: found, credentials: new CredentialSource({ ...options, sts }, this.#surroundings) };
  }

  async #instances(region: string, credentials: CredentialSource, stop: AbortSignal): Promise<Labels[]> {
    const zoneIds = await this.#zones(region, credentials, stop);
    const options = { ...this.#options, region, zoneIds };
    const labels: Labels[] = [];
    for (let token: string | undefined; token !== ""; ) {
      const parameters = { ...filterParameters(this.#options.filters), ...pageParameters(token) };
      const page: XmlElement = await this.#call("DescribeInstances", parameters, region, credentials, stop);
      labels.push(...instanceLabels(page, options));
      token = nextTokenOf(page);
    }
    return labels;
  }

  /** Needs a permission that many roles do not have: without it there are no zone ids, and all else is as it was. */
  async #zones(region: string, credentials: CredentialSource, stop: AbortSignal) {
    const known = this.#zoneIds.get(region);
    if (known !== undefined) return known;
    try {
      const zoneIds = zoneIdsOf(await this.#call("DescribeAvailabilityZones", {}, region, credentials, stop));
      this.#zoneIds.set(region, zoneIds);
      return zoneIds;
    } catch {
      return undefined;
    }
  }

  /** Throttling is a part of life with EC2: a call is tried again in a moment. */
  async #call(
    action: string,
    parameters: Readonly<Record<string, string>>,
    region: string,
    credentials: CredentialSource,
    stop: AbortSignal,
  ): Promise<XmlElement> {
    const { clock } = this.#surroundings;
    const backoff = new Backoff({ minMs: 500, maxMs: 5_000, jitter: 0.5, random: this.#options.random });
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryCall(action, parameters, region, credentials, stop);
      } catch (error) {
        if (attempt === maxAttempts || stop.aborted || !isPassing(error)) throw error;
      }
      await sleep(clock, backoff.next(), stop);
    }
  }

  async #tryCall(
    action: string,
    parameters: Readonly<Record<string, string>>,
    region: string,
    source: CredentialSource,
    stop: AbortSignal,
  ): Promise<XmlElement> {
    const { endpoint: custom } = this.#options;
    const endpoint = custom === undefined ? regionalEndpoint("ec2", region) : new URL(custom);
    const credentials = await source.get(stop);
    const call = { endpoint, service: "ec2", region, version, action, parameters, credentials };
    return within(timeoutMs, this.#surroundings.clock, stop, endpoint.host, (signal) =>
      awsQuery({ ...call, signal }, this.#surroundings),
    );
  }
}

const version = "2016-11-15";
const timeoutMs = 30_000;
const maxAttempts = 3;

/** Pages are asked for: an answer with everything in it takes EC2 long, and is throttled sooner. */
function pageParameters(token: string | undefined): Record<string, string> {
  return { MaxResults: "1000", ...(token !== undefined && { NextToken: token }) };
}

function filterParameters(filters: Ec2Options["filters"]): Record<string, string> {
  const pairs = filters.flatMap(({ name, values }, filter) => [
    [`Filter.${filter + 1}.Name`, name],
    ...values.map((value, at) => [`Filter.${filter + 1}.Value.${at + 1}`, value]),
  ]);
  return Object.fromEntries(pairs);
}
