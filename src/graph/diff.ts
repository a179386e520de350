import { isDeepStrictEqual } from "node:util";
import type { ComponentConfig } from "../config/loaded.ts";

export interface Diff {
  /** Same config: not touched, only wired anew. */
  readonly keep: readonly string[];
  /** Changed config. */
  readonly change: readonly string[];
  readonly start: readonly string[];
  readonly stop: readonly string[];
}

/** What has to happen to get from the one set of components to the other. Wiring alone is no change of a component. */
export function diffComponents(before: readonly ComponentConfig[], after: readonly ComponentConfig[]): Diff {
  const old = new Map(before.map((config) => [config.id, config]));
  const ids = new Set(after.map(({ id }) => id));
  const isKept = (config: ComponentConfig) => {
    const previous = old.get(config.id);
    return previous !== undefined && isSame(previous, config);
  };
  return {
    keep: after.filter(isKept).map(({ id }) => id),
    change: after.filter((config) => old.has(config.id) && !isKept(config)).map(({ id }) => id),
    start: after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    stop: before.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
  };
}

/** Compares what was written (after interpolation), because a parsed config may hold secrets, which never compare. */
function isSame(a: ComponentConfig, b: ComponentConfig): boolean {
  return a.configDir === b.configDir && isDeepStrictEqual(withoutWiring(a), withoutWiring(b));
}

function withoutWiring({ component, input }: ComponentConfig): unknown {
  if (typeof input !== "object" || input === null) return {};
  const { targets, forward_to, ...rest } = input as Record<string, unknown>;
  return {
    ...rest,
    ...(component.accepts === "targets" ? {} : { targets }),
    ...(component.emits === "metrics" || component.emits === "logs" ? {} : { forward_to }),
  };
}
