import type { Component } from "../component.ts";
import type { Place } from "./diagnostic.ts";
import type { Settings } from "./settings.ts";

/** A config without a mistake that can be found by looking at it. */
export interface LoadedConfig {
  readonly settings: Settings;
  readonly components: readonly ComponentConfig[];
  /** `logging.write_to`. */
  readonly writeLogTo: readonly Reference[];
  readonly files: readonly string[];
}

export interface ComponentConfig {
  readonly id: string;
  readonly component: Component;
  /** What the component's schema made of it. */
  readonly config: unknown;
  /** What was written, after interpolation, with the wiring keys: to compare with on a reload. */
  readonly input: unknown;
  /** What was written, before interpolation and without secrets: to show. */
  readonly shown: unknown;
  readonly targets: readonly Reference[];
  readonly forwardTo: readonly Reference[];
  /** Of the key. */
  readonly place: Place;
  /** Relative paths start here. */
  readonly configDir: string;
}

/** An id in a list of `targets` or `forward_to`. */
export interface Reference {
  readonly id: string;
  readonly place: Place;
}
