/**
 * One relabel rule, spelled as in prometheus.yml, complete and valid: what the config hands out and what
 * formats/relabel compiles. Fields that the action has no use for hold their defaults.
 */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly source_labels: readonly string[];
  /** Stands between the values of the source labels. */
  readonly separator: string;
  /** RE2; it must match the whole value. */
  readonly regex: string;
  /** A whole number above 0 for `hashmod`, else 0. */
  readonly modulus: number;
  readonly target_label: string;
  readonly replacement: string;
}

export const relabelActions = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
] as const;

export type RelabelAction = (typeof relabelActions)[number];
