import { z } from "zod";
import type { HttpClientOptions } from "../../lib/http-client.ts";
import { httpUrl, positiveDuration } from "../fields.ts";
import { checkHttpClient, headerMistake, httpClientFields, httpClientOptions } from "./http-client.ts";

const backoff = z
  .strictObject({
    min_backoff: positiveDuration.prefault("30ms").describe("Delay before the first retry; it doubles with each."),
    max_backoff: positiveDuration.prefault("5s").describe("Longest delay between two attempts."),
  })
  .refine(({ min_backoff, max_backoff }) => min_backoff <= max_backoff, "min_backoff is longer than max_backoff");

const pushEndpoint = z
  .strictObject({
    url: httpUrl.describe("URL that the receiver takes data at."),
    name: z
      .string()
      .min(1)
      .optional()
      .describe("Name of the endpoint in logs and metrics; host and port of `url` if left out."),
    remote_timeout: positiveDuration.prefault("30s").describe("Longest time that one attempt may take."),
    headers: z.record(z.string(), z.string()).default({}).describe("Further headers, for example `X-Scope-OrgID`."),
    queue_config: backoff.prefault({}).describe("When to try again what could not be delivered."),
    ...httpClientFields,
  })
  .superRefine((endpoint, context) => {
    checkHttpClient(endpoint, context);
    for (const name of Object.keys(endpoint.headers)) {
      const message = headerMistake(name);
      if (message !== undefined) context.addIssue({ code: "custom", path: ["headers", name], message });
    }
  });

/** Where a component sends to. */
export const pushEndpoints = z
  .array(pushEndpoint)
  .min(1, "at least one endpoint is needed")
  .superRefine((endpoints, context) => {
    const names = endpoints.map(nameOf);
    for (const [at, name] of names.entries()) {
      if (names.indexOf(name) === at) continue;
      const message = `another endpoint is called ${name} already; give each a name of its own`;
      context.addIssue({ code: "custom", path: [at, "name"], message });
    }
  });

type PushEndpoint = z.output<typeof pushEndpoint>;

/** What the config says about an endpoint, in the terms of engines/push. */
export interface PushEndpointOptions {
  readonly name: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly http: HttpClientOptions;
}

export function pushEndpointOptions(endpoint: PushEndpoint, configDir: string): PushEndpointOptions {
  return {
    name: nameOf(endpoint),
    url: new URL(endpoint.url),
    headers: endpoint.headers,
    timeoutMs: endpoint.remote_timeout,
    minBackoffMs: endpoint.queue_config.min_backoff,
    maxBackoffMs: endpoint.queue_config.max_backoff,
    http: httpClientOptions(endpoint, configDir),
  };
}

/** The host, and not a hash: it stays the same when the path or the credentials change. */
function nameOf({ name, url }: Pick<PushEndpoint, "name" | "url">): string {
  return name ?? URL.parse(url)?.host ?? url;
}
