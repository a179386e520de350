import { z } from "zod";
import { type Component, defineComponent } from "../../src/component.ts";
import { duration, secret } from "../../src/config/fields.ts";
import type { Signal } from "../../src/signals/receiver.ts";

type Wiring = Pick<Component, "accepts" | "emits" | "targetsOptional">;

const stage = z.strictObject({
  drop: z.string().optional().describe("What to drop."),
  get match() {
    return z
      .strictObject({
        selector: z.string().describe("What it applies to."),
        stages: z.array(stage).describe("What is done to it."),
      })
      .optional()
      .describe("Stages for some of the entries.");
  },
});

/** Small components of all signals: what the config layer says of them changes with that layer alone. */
export const fakeManifest: readonly Component[] = [
  fake("discovery.fake", { emits: "targets" }, { hosts: z.array(z.string()).default([]).describe("Hosts.") }),
  fake(
    "metrics.scrape",
    { accepts: "targets", targetsOptional: true, emits: "metrics" },
    {
      interval: duration.prefault("15s").describe("Time between two scrapes."),
      limit: z.int().min(0).default(0).describe("Most samples."),
      honor: z.boolean().default(false).describe("Whether to honor."),
      scheme: z.enum(["http", "https"]).default("http").describe("Scheme."),
      params: z.record(z.string(), z.array(z.string())).default({}).describe("Parameters."),
    },
  ),
  fake(
    "metrics.write",
    { accepts: "metrics" },
    {
      url: z.string().min(1).describe("Where to."),
      password: secret.optional().describe("Password."),
      version: z.string().optional().describe("Version."),
      auth: z
        .union([z.string(), z.strictObject({ user: z.string().describe("User.") })])
        .optional()
        .describe("Who."),
      endpoints: z
        .array(
          z.discriminatedUnion("kind", [
            z.strictObject({ kind: z.literal("http").describe("HTTP."), port: z.int().describe("Port.") }),
            z.strictObject({ kind: z.literal("file").describe("A file."), path: z.string().describe("Path.") }),
          ]),
        )
        .default([])
        .describe("Endpoints."),
    },
  ),
  fake("logs.tail", { emits: "logs" }, { paths: z.array(z.string()).min(1).describe("Files.") }),
  fake(
    "logs.process",
    { accepts: "logs", emits: "logs" },
    { stages: z.array(stage).default([]).describe("What is done to each entry.") },
  ),
  fake("logs.write", { accepts: "logs" }, {}),
];

function fake(type: string, wiring: Wiring, fields: z.core.$ZodShape): Component {
  return defineComponent<z.ZodType, Signal, Signal>({
    type,
    summary: `Stands for ${type}.`,
    ...wiring,
    config: z.strictObject(fields),
    example: `${type}.x: {}`,
    create: () => ({ input: { receive: () => Promise.resolve() } }),
  } as never);
}
