import { z } from "zod";
import { bytes, duration, positiveDuration } from "../../fields.ts";
import { dropReason, optionalText } from "./names.ts";

/** Stages that drop, join or hold back lines. */

export const drop = z
  .strictObject({
    source: optionalText.describe(
      "Extracted value to look at, or several with commas between; the line where none is named.",
    ),
    separator: z.string().default(";").describe("Stands between several extracted values."),
    expression: optionalText.describe("RE2 expression that must match somewhere."),
    value: optionalText.describe("What the source must be, exactly."),
    older_than: duration.optional().describe("Age that the entry must have."),
    longer_than: bytes.optional().describe("Size that the line must exceed."),
    drop_counter_reason: dropReason.default("drop_stage"),
  })
  .describe("Drops entries for which everything holds that is given.");

export const limit = z
  .strictObject({
    rate: z.number().positive().describe("Lines per second."),
    burst: z.int().min(1).describe("Lines that may come at once after a pause."),
    drop: z.boolean().default(false).describe("Whether to drop lines beyond the rate; otherwise they wait."),
    by_label_name: optionalText.describe("Label whose values each have a rate of their own; needs `drop: true`."),
    max_distinct_labels: z.int().min(1).default(10_000).describe("Values of that label whose rate is known at a time."),
  })
  .describe("Lets no more lines pass than a rate allows.");

export const multiline = z
  .strictObject({
    firstline: z.string().describe("RE2 expression that matches the first line of a block."),
    max_lines: z.int().min(1).default(128).describe("Lines of a block; a longer one is divided."),
    max_wait_time: positiveDuration.prefault("3s").describe("How long a block waits for its next line."),
    trim_newlines: z
      .boolean()
      .default(true)
      .describe("Whether to take line ends away from lines before they are joined."),
  })
  .describe("Joins the lines of a stream to blocks, such as stack traces.");

export const sampling = z
  .strictObject({
    rate: z.number().min(0).max(1).describe("Part of the lines that is kept: 0.1 is one in ten."),
    drop_counter_reason: dropReason.default("sampling_stage"),
  })
  .describe("Keeps a random part of the lines.");
