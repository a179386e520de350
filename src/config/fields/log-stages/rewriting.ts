import { z } from "zod";
import { bytes } from "../../fields.ts";
import { name, optionalText, source } from "./names.ts";

/** Stages that change the line or extracted values. */

export const decolorize = z.strictObject({}).describe("Takes the colours of a terminal out of the line.");

export const luhn = z
  .strictObject({
    source,
    replacement: z.string().default("**REDACTED**").describe("What stands in the place of a number."),
    min_length: z.int().min(1).default(13).describe("Digits that a number must have."),
    delimiters: optionalText.describe("Characters that may stand between the digits of a number, such as `- `."),
    skip_regex: optionalText.describe("RE2 expression; what it matches stays."),
  })
  .describe("Takes out numbers with a valid check digit: credit cards and others. The result is the line.");

export const output = z
  .strictObject({ source: name.describe("Extracted value that becomes the line.") })
  .describe("Sets the line.");

export const pack = z
  .strictObject({
    labels: z.array(name).describe("Labels and extracted values that go into the line."),
    ingest_timestamp: z.boolean().default(true).describe("Whether the time becomes the present one."),
  })
  .describe("Puts labels into the line, as JSON that `unpack` of LogQL takes apart again.");

export const replace = z
  .strictObject({
    expression: z.string().describe("RE2 expression; its groups are replaced wherever it matches."),
    replace: optionalText.describe(
      "What stands in the place of a group: a Go template, in which `.Value` is the group.",
    ),
    source,
  })
  .describe("Replaces parts of the line or of an extracted value. Named groups are extracted.");

export const template = z
  .strictObject({
    source: name.describe("Extracted value that is set; an empty result takes it away."),
    template: z
      .string()
      .describe("Go template: `.Value` is the value so far, `.Entry` the line, `.name` any other extracted value."),
  })
  .describe("Sets an extracted value by a Go template.");

const truncateRule = z.strictObject({
  limit: bytes.describe("Most bytes, those of the suffix among them."),
  source_type: z.enum(["line", "label", "structured_metadata", "extracted"]).default("line").describe("What is cut."),
  sources: z
    .array(name)
    .default([])
    .describe("Names of labels, metadata or extracted values; all where none is named."),
  suffix: optionalText.describe("What stands at the end of what is cut."),
});

export const truncate = z
  .strictObject({ rules: z.array(truncateRule).min(1).describe("What to cut, in this order.") })
  .describe("Cuts what is too long. The extracted value `truncated` says what was cut.");
