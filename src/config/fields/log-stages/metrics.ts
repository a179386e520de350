import { z } from "zod";
import { duration } from "../../fields.ts";
import { optionalText } from "./names.ts";

const common = {
  name: z
    .string()
    .regex(
      /^[a-zA-Z_:][a-zA-Z0-9_:]*$/,
      "a metric's name is made of letters, digits, _ and :, and begins with no digit",
    )
    .describe("Name, behind the prefix."),
  prefix: z
    .string()
    .regex(/^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/, "a prefix is made of letters, digits, _ and :")
    .transform((text) => text || "loki_process_custom_")
    .prefault("loki_process_custom_")
    .describe("What the metric's name begins with."),
  description: optionalText.describe("The metric's HELP."),
  source: optionalText.describe("Extracted value to count; the metric's name where none is named."),
  value: optionalText.describe("Count only where the extracted value is this one."),
  max_idle_duration: duration
    .refine((ms) => ms >= 1000, "must be at least 1s")
    .prefault("5m")
    .describe("A series that has not changed for so long is left out."),
};

const counter = z.strictObject({
  ...common,
  action: z.enum(["inc", "add"]).describe("`inc` counts entries, `add` sums up their values."),
  match_all: z.boolean().default(false).describe("Whether every line counts, with a value or without."),
  count_entry_bytes: z
    .boolean()
    .default(false)
    .describe("Whether to sum up the lengths of lines; needs `match_all: true` and `action: add`."),
});

const gauge = z.strictObject({
  ...common,
  action: z.enum(["inc", "dec", "set", "add", "sub"]).describe("What an entry does to the value."),
});

const histogram = z.strictObject({
  ...common,
  buckets: z
    .array(z.number())
    .min(1)
    .refine((bounds) => bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound)), "must rise")
    .describe("Upper bounds of the buckets, rising."),
});

export const metrics = z
  .strictObject({
    counters: z.array(counter).default([]).describe("Counters."),
    gauges: z.array(gauge).default([]).describe("Gauges."),
    histograms: z.array(histogram).default([]).describe("Histograms."),
  })
  .describe(
    "Makes metrics of log lines. They are on the agent's own /metrics page, with the entry's labels, and stay over a reload.",
  );
