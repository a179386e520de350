import type { StageKind } from "./stage.ts";
import type { StageConfig } from "./stage-config.ts";
import { cri } from "./stages/cri.ts";
import { decolorize } from "./stages/decolorize.ts";
import { docker } from "./stages/docker.ts";
import { drop } from "./stages/drop.ts";
import { geoip } from "./stages/geoip.ts";
import { json } from "./stages/json.ts";
import { labelDrop } from "./stages/label-drop.ts";
import { labelKeep } from "./stages/label-keep.ts";
import { labels } from "./stages/labels.ts";
import { limit } from "./stages/limit.ts";
import { logfmt } from "./stages/logfmt.ts";
import { luhn } from "./stages/luhn.ts";
import { match } from "./stages/match.ts";
import { metrics } from "./stages/metrics.ts";
import { multiline } from "./stages/multiline.ts";
import { output } from "./stages/output.ts";
import { pack } from "./stages/pack.ts";
import { pattern } from "./stages/pattern.ts";
import { regex } from "./stages/regex.ts";
import { replace } from "./stages/replace.ts";
import { sampling } from "./stages/sampling.ts";
import { splitJson } from "./stages/split-json.ts";
import { staticLabels } from "./stages/static-labels.ts";
import { structuredMetadata } from "./stages/structured-metadata.ts";
import { structuredMetadataDrop } from "./stages/structured-metadata-drop.ts";
import { template } from "./stages/template.ts";
import { tenant } from "./stages/tenant.ts";
import { timestamp } from "./stages/timestamp.ts";
import { truncate } from "./stages/truncate.ts";

type Kinds = { readonly [Name in keyof Required<StageConfig>]: StageKind<NonNullable<StageConfig[Name]>> };

/** Every stage there is, by its name. */
export const stageKinds: Kinds = {
  cri,
  decolorize,
  docker,
  drop,
  geoip,
  json,
  label_drop: labelDrop,
  label_keep: labelKeep,
  labels,
  limit,
  logfmt,
  luhn,
  match,
  metrics,
  multiline,
  output,
  pack,
  pattern,
  regex,
  replace,
  sampling,
  split_json: splitJson,
  static_labels: staticLabels,
  structured_metadata: structuredMetadata,
  structured_metadata_drop: structuredMetadataDrop,
  template,
  tenant,
  timestamp,
  truncate,
};
