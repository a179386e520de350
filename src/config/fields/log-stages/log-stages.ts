import { z } from "zod";
import { drop, limit, multiline, sampling } from "./filtering.ts";
import {
  labelDrop,
  labelKeep,
  labels,
  staticLabels,
  structuredMetadata,
  structuredMetadataDrop,
  tenant,
  timestamp,
} from "./labelling.ts";
import { metrics } from "./metrics.ts";
import { dropReason } from "./names.ts";
import { cri, docker, geoip, json, logfmt, pattern, regex, splitJson } from "./parsing.ts";
import { decolorize, luhn, output, pack, replace, template, truncate } from "./rewriting.ts";

const plainStages = {
  cri: cri.optional(),
  decolorize: decolorize.optional(),
  docker: docker.optional(),
  drop: drop.optional(),
  geoip: geoip.optional(),
  json: json.optional(),
  label_drop: labelDrop.optional(),
  label_keep: labelKeep.optional(),
  labels: labels.optional(),
  limit: limit.optional(),
  logfmt: logfmt.optional(),
  luhn: luhn.optional(),
  metrics: metrics.optional(),
  multiline: multiline.optional(),
  output: output.optional(),
  pack: pack.optional(),
  pattern: pattern.optional(),
  regex: regex.optional(),
  replace: replace.optional(),
  sampling: sampling.optional(),
  split_json: splitJson.optional(),
  static_labels: staticLabels.optional(),
  structured_metadata: structuredMetadata.optional(),
  structured_metadata_drop: structuredMetadataDrop.optional(),
  template: template.optional(),
  tenant: tenant.optional(),
  timestamp: timestamp.optional(),
  truncate: truncate.optional(),
};

/** What cannot work in the options of a stage; the path begins with its name. */
export interface StageMistake {
  readonly path: (string | number)[];
  readonly message: string;
}

/**
 * `- json: {…}`: each item is a mapping of one key, the name of the stage. A stage without options may be empty.
 * `mistakesIn` looks at what a schema does not know: expressions, templates, selectors.
 */
export function logStages(mistakesIn: (stage: LogStage) => readonly StageMistake[]): z.ZodType<LogStage[]> {
  const match = z
    .strictObject({
      selector: z.string().min(1).describe('Selector of LogQL with line filters: `{app="nginx"} |= "error"`.'),
      action: z
        .enum(["keep", "drop"])
        .default("keep")
        .describe("`keep` takes the entries through the stages, `drop` drops them."),
      drop_counter_reason: dropReason.default("match_stage"),
      get stages() {
        return stages.default([]).describe("What the entries go through that match; the others pass by.");
      },
    })
    .describe("Stages for the entries that a selector matches.");

  const stage: z.ZodType<LogStage> = z.preprocess(
    withoutNull,
    z.strictObject({ ...plainStages, match: match.optional() }).check((payload) => {
      // Of a stage that does not exist that is said already.
      if (payload.issues.length > 0) return;
      const names = Object.values(payload.value).filter((options) => options !== undefined);
      const mistakes = names.length === 1 ? mistakesIn(payload.value) : [notOne];
      for (const { path, message } of mistakes) {
        payload.issues.push({ code: "custom", input: payload.value, path: [...path], message });
      }
    }),
  );
  const stages = z.array(stage);
  return stages;
}

/** Exactly one of these. */
export type LogStage = {
  readonly [Name in keyof typeof plainStages]?: z.output<(typeof plainStages)[Name]> | undefined;
} & { readonly match?: MatchStage | undefined };

interface MatchStage {
  readonly selector: string;
  readonly action: "keep" | "drop";
  readonly drop_counter_reason: string;
  readonly stages: readonly LogStage[];
}

const notOne = { path: [], message: "each item of the list is one stage: a mapping of one key, its name" };

/** `- decolorize:` with nothing behind it. */
function withoutNull(item: unknown): unknown {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(Object.entries(item).map(([name, options]) => [name, options ?? {}]));
}
