import { z } from "zod";
import { labelName } from "../../fields.ts";
import { mappingOf, name, optionalText, streamLabel } from "./names.ts";

/** Stages that set labels, structured metadata, the tenant and the time. */

function nameList(description: string, which: string) {
  return z.strictObject({ values: z.array(name).min(1).describe(which) }).describe(description);
}

export const labels = z
  .strictObject({
    values: mappingOf(streamLabel).describe("Labels to the names of their values; an empty name is the label's own."),
    source_type: z.enum(["extracted", "structured_metadata"]).default("extracted").describe("Where the values are."),
  })
  .describe("Makes labels of values. A label whose value is not there stays as it is.");

export const labelDrop = nameList("Takes labels away.", "Labels that go.");

export const labelKeep = nameList("Takes labels away that are not named.", "Labels that stay.");

export const staticLabels = z
  .strictObject({ values: z.record(streamLabel, z.string()).describe("Labels and their values.") })
  .describe("Sets labels that are always the same.");

export const structuredMetadata = z
  .strictObject({
    values: mappingOf(labelName)
      .default({})
      .describe("Names of metadata to the names of extracted values or labels; an empty name is the same."),
    regex: optionalText.describe("RE2 expression; values and labels that it matches are taken under their own names."),
  })
  .describe("Makes structured metadata of extracted values and of labels, which are labels no more.");

export const structuredMetadataDrop = nameList("Takes structured metadata away.", "Names of metadata that goes.");

export const tenant = z
  .strictObject({
    label: optionalText.describe("Label that names the tenant."),
    source: optionalText.describe("Extracted value that names the tenant."),
    value: optionalText.describe("The tenant."),
  })
  .describe("Sets the tenant to whom loki.write sends the entry; takes exactly one of the arguments.");

export const timestamp = z
  .strictObject({
    source: name.describe("Extracted value that holds the time."),
    format: name.describe(
      "`ANSIC`, `UnixDate`, `RubyDate`, `RFC822`, `RFC822Z`, `RFC850`, `RFC1123`, `RFC1123Z`, `RFC3339`, `RFC3339Nano`, " +
        "`Unix`, `UnixMs`, `UnixUs`, `UnixNs`, or the reference time of Go, such as `2006-01-02 15:04:05`.",
    ),
    fallback_formats: z.array(name).default([]).describe("Formats that are tried after the first one."),
    location: optionalText.describe("Time zone where the time names none, such as Europe/Berlin; UTC if left out."),
    action_on_failure: z
      .enum(["fudge", "skip"])
      .default("fudge")
      .describe(
        "Where there is no time: `fudge` takes the last one of the stream and a nanosecond, `skip` keeps what is.",
      ),
    action_on_duplicate_timestamp: z
      .enum(["fudge", "keep"])
      .default("fudge")
      .describe("Where the time is that of the entry before: `fudge` adds a nanosecond, so that the order stays."),
  })
  .describe("Sets the time of the entry.");
