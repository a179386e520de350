import type { Component } from "../component.ts";
import { type Diagnostic, mistake } from "../config/diagnostic.ts";
import type { Environment } from "../config/interpolate.ts";
import { loadConfig } from "../config/load.ts";
import type { ComponentConfig } from "../config/loaded.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { RelabelRule } from "../signals/relabel-rule.ts";

export type Found<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The component of a config with that id. */
export function findComponent(
  path: string,
  id: string,
  manifest: readonly Component[],
  environment: Environment,
): Found<{ readonly component: ComponentConfig }> {
  const loaded = loadConfig(path, manifest, environment);
  if (!loaded.ok) return loaded;
  const component = loaded.config.components.find((candidate) => candidate.id === id);
  if (component !== undefined) return { ok: true, component };
  const ids = loaded.config.components.map((candidate) => candidate.id);
  const message = `there is no component ${id} in ${path}${didYouMean(id, ids)}`;
  return { ok: false, diagnostics: [mistake(message, undefined, `it has ${ids.join(", ")}`)] };
}

/** The relabel rules of a component. */
export function componentRules(
  path: string,
  id: string,
  manifest: readonly Component[],
  environment: Environment,
): Found<{ readonly rules: readonly RelabelRule[] }> {
  const found = findComponent(path, id, manifest, environment);
  if (!found.ok) return found;
  const config = found.component.config as Record<string, unknown>;
  const field = ruleFields.find((name) => name in config);
  if (field !== undefined) return { ok: true, rules: config[field] as readonly RelabelRule[] };
  return { ok: false, diagnostics: [mistake(`${id} has no relabel rules`, found.component.place)] };
}

/** Where components keep relabel rules. */
const ruleFields = ["rules", "metric_relabel_rules"];
