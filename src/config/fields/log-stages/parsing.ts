import { z } from "zod";
import { file } from "../file.ts";
import { mappingOf, name, optionalText, source } from "./names.ts";

/** Stages that take values out of the line. */

const labelsFromGroups = z.boolean().default(false).describe("Whether each named part becomes a label, too.");

export const json = z
  .strictObject({
    expressions: mappingOf(name)
      .default({})
      .describe("Names of extracted values to JMESPath expressions; an empty expression is the name itself."),
    regex: optionalText.describe(
      "RE2 expression; keys of the top level that it matches are taken under their own names.",
    ),
    source,
    drop_malformed: z.boolean().default(false).describe("Whether to drop lines that are no JSON object."),
  })
  .describe("Takes values out of JSON.");

export const logfmt = z
  .strictObject({
    mapping: mappingOf(name)
      .default({})
      .describe("Names of extracted values to keys of the line; an empty key is the name itself."),
    regex: optionalText.describe("RE2 expression; keys that it matches are taken under their own names."),
    source,
  })
  .describe("Takes values out of `key=value` pairs.");

export const regex = z
  .strictObject({
    expression: z.string().describe("RE2 expression with named groups, `(?P<name>…)`."),
    source,
    labels_from_groups: labelsFromGroups,
  })
  .describe("Takes the named groups of a regular expression.");

export const pattern = z
  .strictObject({
    pattern: z.string().describe('Pattern of LogQL, such as `<ip> - - <_> "<method> <path>"`.'),
    source,
    labels_from_groups: labelsFromGroups,
  })
  .describe("Takes the named parts of a pattern.");

export const cri = z
  .strictObject({
    max_partial_lines: z.int().min(1).default(100).describe("Streams whose unfinished line is held at a time."),
    max_partial_line_size: z
      .int()
      .min(0)
      .default(0)
      .describe("Bytes of a line that came in parts, if `max_partial_line_size_truncate` is set."),
    max_partial_line_size_truncate: z
      .boolean()
      .default(false)
      .describe("Whether to cut lines that are longer than `max_partial_line_size`."),
  })
  .describe(
    "Reads lines as containerd and CRI-O write them, and joins those that came in parts. Extracts `time`, `stream`, " +
      "`flags` and `content`; sets the line, the time and the label `stream`.",
  );

export const docker = z
  .strictObject({})
  .describe(
    "Reads lines as Docker's json-file driver writes them. Extracts `output`, `stream` and `timestamp`; sets the line, " +
      "the time and the label `stream`.",
  );

export const geoip = z
  .strictObject({
    db: file.describe("MaxMind database (`.mmdb`)."),
    source: name.describe("Extracted value that holds the IP address."),
    db_type: z
      .enum(["city", "asn", "country"])
      .optional()
      .describe("What is in the database; extracts `geoip_city_name`, `geoip_country_code` and so on."),
    custom_lookups: mappingOf(name)
      .default({})
      .describe("Names of extracted values to JMESPath expressions on the record of the address."),
  })
  .describe("Looks up where an IP address is, or whose it is.");

export const splitJson = z
  .strictObject({ source })
  .describe("Makes an entry of each element of a JSON array. Other lines stay as they are.");
