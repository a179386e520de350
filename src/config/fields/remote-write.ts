import { z } from "zod";
import { bytes, duration, labelName, positiveDuration } from "../fields.ts";
import { checkCloudAuth, cloudAuthFields } from "./cloud-auth.ts";
import { checkEndpointNames, checkPushEndpoint, pushEndpointFields } from "./push-endpoint.ts";
import { relabelRules } from "./relabel-rule.ts";

/** The bounds drop segments, an eighth of it each; with smaller ones headers would be what is stored. */
const smallestQueue = 2 ** 20;

const endpoint = z
  .strictObject({
    ...pushEndpointFields,
    ...cloudAuthFields,
    protobuf_message: z
      .enum(["prometheus.WriteRequest", "io.prometheus.write.v2.Request"])
      .default("prometheus.WriteRequest")
      .describe(
        "Message to send: that of remote write 1.0 or that of 2.0. An endpoint that answers 2.0 with 415 gets 1.0 from " +
          "then on.",
      ),
    write_relabel_rules: relabelRules
      .default([])
      .describe(
        "Relabel rules for what goes to this endpoint, after the external labels; spelled as `write_relabel_configs` in " +
          "prometheus.yml. An endpoint with rules has a queue of its own, with the same bounds.",
      ),
  })
  .superRefine((config, context) => {
    checkPushEndpoint(config, context);
    checkCloudAuth(config, context);
  });

/** The settings of prometheus.remote_write. */
export const remoteWrite = z.strictObject({
  external_labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels for every series that has none of the name already."),
  endpoints: z
    .array(endpoint)
    .min(1, "at least one endpoint is needed")
    .superRefine(checkEndpointNames)
    .describe("Where to send to. Every endpoint gets every sample; one that is slow or gone holds up no other."),
  send_exemplars: z.boolean().default(true).describe("Whether exemplars are sent, where a scrape finds them."),
  send_native_histograms: z
    .boolean()
    .default(true)
    .describe("Whether native histograms are sent, where a scrape takes them."),
  metadata_config: z
    .strictObject({
      send: z.boolean().default(true).describe("Whether type, help and unit of metrics are sent."),
      send_interval: positiveDuration
        .prefault("1m")
        .describe("How often they are sent; in 2.0 they go with the samples."),
      max_samples_per_send: z.int().min(1).default(2000).describe("Metrics in one request."),
    })
    .prefault({})
    .describe("What is sent about metrics beside their samples, in remote write 1.0."),
  queue_config: z
    .strictObject({
      max_samples_per_send: z.int().min(1).default(5000).describe("Samples in one request."),
      max_shards: z
        .int()
        .min(1)
        .max(8, "more than 8 requests at a time are not worth their memory")
        .default(1)
        .describe(
          "How many requests may be under way to an endpoint. With more than one, series are spread over so many queues, " +
            "which share the bounds; the samples of a series keep their order.",
        ),
      batch_send_deadline: duration
        .prefault("5s")
        .describe(
          "How long a sample waits for others to be sent with; while an endpoint takes nothing, 100ms at most, because " +
            "only what is in the queue survives the end of the agent.",
        ),
      max_bytes: bytes
        .refine((size) => size >= smallestQueue, "must be 1MiB or more")
        .prefault("1GiB")
        .describe("Size of the queue on disk, compressed; beyond it the oldest samples are dropped."),
      max_age: positiveDuration
        .prefault("24h")
        .describe("How long samples wait for an endpoint that does not take them."),
      min_free: bytes
        .optional()
        .describe(
          "How much of the file system is left to others: with less, the queue drops its oldest samples, down to two " +
            "segments. Without it the larger of 5 % and 512 MiB.",
        ),
      sync: z
        .enum(["interval", "always", "os"])
        .default("interval")
        .describe(
          "When samples survive a power cut: a second later at most, before they are acknowledged, or when the kernel " +
            "writes them. The end of the agent, however it comes, costs none in any case.",
        ),
    })
    .prefault({})
    .describe("The queue that all endpoints read from."),
});

export type RemoteWrite = z.output<typeof remoteWrite>;
