import { z } from "zod";
import { bytes, duration, labelName, positiveDuration } from "../fields.ts";
import type { Issues } from "./field-checks.ts";
import {
  checkEndpointNames,
  checkPushEndpoint,
  type PushEndpointOptions,
  pushEndpointFields,
  pushEndpointOptions,
} from "./push-endpoint.ts";

/** Blocks of it must fit into a segment, an eighth of it. */
const smallestQueue = 2 ** 20;

const largestBatch = 16 * 2 ** 20;

const { queue_config: _, ...endpointFields } = pushEndpointFields;

const endpoint = z
  .strictObject({
    ...endpointFields,
    url: endpointFields.url.describe("URL of the push API, for example `https://loki.internal/loki/api/v1/push`."),
    tenant_id: z
      .string()
      .regex(/^[\x21-\x7e]{1,1024}$/, "a tenant has neither spaces nor letters beyond ASCII")
      .optional()
      .describe(
        "Tenant (`X-Scope-OrgID`) of the entries whose stream has no label `__tenant_id__`; without it the header is left " +
          "out for them.",
      ),
    remote_timeout: positiveDuration.prefault("10s").describe("Longest time that one attempt may take."),
    headers: z.record(z.string(), z.string()).default({}).describe("Further headers."),
    min_backoff_period: positiveDuration
      .prefault("500ms")
      .describe("Delay before the first retry; it doubles with each."),
    max_backoff_period: positiveDuration
      .prefault("5m")
      .describe("Longest delay between two attempts; their number has no limit."),
    retry_on_http_429: z
      .boolean()
      .default(true)
      .describe("Whether a request beyond a rate limit is sent again; if not, its entries are dropped."),
    encoding: z
      .enum(["protobuf", "json"])
      .default("protobuf")
      .describe("What is sent: protobuf compressed with snappy, or JSON compressed with gzip."),
  })
  .superRefine((config, context) => {
    checkPushEndpoint(config, context);
    refuseTenantHeader("headers", config.headers, context);
    refuseTenantHeader("http_headers", config.http_headers ?? {}, context);
    if (config.min_backoff_period > config.max_backoff_period) {
      const message = "min_backoff_period is longer than max_backoff_period";
      context.addIssue({ code: "custom", path: ["min_backoff_period"], message });
    }
  });

/** The settings of loki.write. */
export const lokiWriteConfig = z.strictObject({
  external_labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels for every stream that has none of the name already."),
  endpoints: z
    .array(endpoint)
    .min(1, "at least one endpoint is needed")
    .superRefine(checkEndpointNames)
    .describe("Where to send to. Every endpoint gets every entry; one that is slow or gone holds up no other."),
  batch_size: bytes
    .refine((size) => size >= 1024 && size <= largestBatch, "must be between 1KiB and 16MiB")
    .prefault("1MiB")
    .describe("Lines and structured metadata in one request, before compression; a larger entry goes by itself."),
  batch_wait: duration
    .prefault("1s")
    .describe("How long an entry waits for others to be sent with; then it is written and acknowledged."),
  max_streams: z.int().min(0).default(0).describe("Streams in one request; 0 for any number."),
  queue_config: z
    .strictObject({
      max_bytes: bytes
        .refine((size) => size >= smallestQueue, "must be 1MiB or more")
        .prefault("1GiB")
        .describe("Size of the queue on disk, compressed; when it is full, what sends to it waits."),
      max_age: positiveDuration
        .prefault("7d")
        .describe("How long entries wait for an endpoint that does not take them; Loki refuses older ones anyway."),
      min_free: bytes
        .optional()
        .describe(
          "How much of the file system is left to others: with less, and more than two segments in the queue, what sends " +
            "to it waits. Without it the larger of 5 % and 512 MiB.",
        ),
      sync: z
        .enum(["interval", "always", "os"])
        .default("interval")
        .describe(
          "When entries survive a power cut: a second later at most, before they are acknowledged, or when the kernel " +
            "writes them. The end of the agent, however it comes, costs none in any case.",
        ),
    })
    .prefault({})
    .describe("The queue that all endpoints read from."),
});

export type LokiWrite = z.output<typeof lokiWriteConfig>;

/** What the config says about an endpoint, in the terms of engines/push. */
export function lokiEndpointOptions(config: LokiWrite["endpoints"][number], configDir: string): PushEndpointOptions {
  const { min_backoff_period: min_backoff, max_backoff_period: max_backoff, ...rest } = config;
  return pushEndpointOptions({ ...rest, queue_config: { min_backoff, max_backoff } }, configDir);
}

/** Two headers that name a tenant would not be one request. */
function refuseTenantHeader(key: string, headers: Readonly<Record<string, unknown>>, context: Issues): void {
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() !== "x-scope-orgid") continue;
    context.addIssue({ code: "custom", path: [key, name], message: "use tenant_id for the tenant" });
  }
}
