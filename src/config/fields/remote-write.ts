import { z } from "zod";
import { bytes, duration, labelName, positiveDuration } from "../fields.ts";
import { pushEndpoints } from "./push-endpoint.ts";

/** The bounds drop segments, an eighth of it each; with smaller ones headers would be what is stored. */
const smallestQueue = 2 ** 20;

/** The settings of prometheus.remote_write. */
export const remoteWrite = z.strictObject({
  external_labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels for every series that has none of the name already."),
  endpoints: pushEndpoints.describe(
    "Where to send to. Every endpoint gets every sample; one that is slow or gone holds up no other.",
  ),
  send_exemplars: z.boolean().default(true).describe("Whether exemplars are sent, where a scrape finds them."),
  send_native_histograms: z
    .boolean()
    .default(true)
    .describe("Whether native histograms are sent, where a scrape takes them."),
  queue_config: z
    .strictObject({
      max_samples_per_send: z.int().min(1).default(5000).describe("Samples in one request."),
      batch_send_deadline: duration.prefault("5s").describe("How long a sample waits for others to be sent with."),
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
