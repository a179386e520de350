import type { Component } from "../../component.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import type { Converted } from "./draft.ts";

/** The agents whose configuration can be read. */
export const origins = ["prometheus", "promtail", "alloy", "node_exporter"] as const;

export type Origin = (typeof origins)[number];

export interface Surroundings {
  readonly manifest: readonly Component[];
  readFile(path: string): string;
}

export interface Conversion {
  /** The file itself, and those that it takes parts from. */
  readonly files: readonly Converted[];
  /** What cannot be read at all. */
  readonly diagnostics: readonly Diagnostic[];
}
