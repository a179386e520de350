import { z } from "zod";
import type { HttpClientOptions } from "../../lib/http-client.ts";
import { httpUrl, positiveDuration } from "../fields.ts";
import type { Issues } from "./field-checks.ts";
import { checkHttpClient, headerMistake, httpClientFields, httpClientOptions } from "./http-client.ts";

const backoff = z
  .strictObject({
    min_backoff: positiveDuration.prefault("30ms").describe("Delay before the first retry; it doubles with each."),
    max_backoff: positiveDuration.prefault("5s").describe("Longest delay between two attempts."),
  })
  .refine(({ min_backoff, max_backoff }) => min_backoff <= max_backoff, "min_backoff is longer than max_backoff");

/** To be spread into the object of an endpoint, which `checkPushEndpoint` then looks at. */
export const pushEndpointFields = {
  url: httpUrl.describe("URL that the receiver takes data at."),
  name: z
    .string()
    .min(1)
    .optional()
    .describe("Name of the endpoint in logs and metrics; host and port of `url` if left out."),
  remote_timeout: positiveDuration.prefault("30s").describe("Longest time that one attempt may take."),
  headers: z.record(z.string(), z.string()).default({}).describe("Further headers, for example `X-Scope-OrgID`."),
  queue_config: backoff.prefault({}).describe("When to try again what could not be delivered."),
  on_client_error: z
    .enum(["park", "drop"])
    .default("park")
    .describe(
      "What to do while the endpoint refuses all requests (401, 403, 404 and the like): keep the data and ask again " +
        "every few minutes, or drop what was sent.",
    ),
  ...httpClientFields,
};

const pushEndpoint = z.strictObject(pushEndpointFields);

type PushEndpoint = z.output<typeof pushEndpoint>;

/** For `.superRefine` of the object that spreads `pushEndpointFields`: what no field can check alone. */
export function checkPushEndpoint(endpoint: Omit<PushEndpoint, "queue_config">, context: Issues): void {
  checkHttpClient(endpoint, context);
  for (const name of Object.keys(endpoint.headers)) {
    const message = headerMistake(name);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["headers", name], message });
  }
}

/** For `.superRefine` of the list of them. */
export function checkEndpointNames(endpoints: readonly Pick<PushEndpoint, "name" | "url">[], context: Issues): void {
  const names = endpoints.map(endpointName);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) === at) continue;
    const message = `another endpoint is called ${name} already; give each a name of its own`;
    context.addIssue({ code: "custom", path: [at, "name"], message });
  }
}

/** What the config says about an endpoint, in the terms of engines/push. */
export interface PushEndpointOptions {
  readonly name: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly onClientError: "park" | "drop";
  readonly http: HttpClientOptions;
}

export function pushEndpointOptions(endpoint: PushEndpoint, configDir: string): PushEndpointOptions {
  return {
    name: endpointName(endpoint),
    url: new URL(endpoint.url),
    headers: endpoint.headers,
    timeoutMs: endpoint.remote_timeout,
    minBackoffMs: endpoint.queue_config.min_backoff,
    maxBackoffMs: endpoint.queue_config.max_backoff,
    onClientError: endpoint.on_client_error,
    http: httpClientOptions(endpoint, configDir),
  };
}

/** The host, and not a hash: it stays the same when the path or the credentials change. */
export function endpointName({ name, url }: Pick<PushEndpoint, "name" | "url">): string {
  return name ?? URL.parse(url)?.host ?? url;
}
