import type { Component } from "../component.ts";
import { type Diagnostic, mistake } from "../config/diagnostic.ts";
import { endpointName } from "../config/fields/push-endpoint.ts";
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

/** The relabel rules of a component; of one with several endpoints, those of the endpoint that is named. */
export function componentRules(
  path: string,
  id: string,
  endpoint: string | undefined,
  manifest: readonly Component[],
  environment: Environment,
): Found<{ readonly rules: readonly RelabelRule[] }> {
  const found = findComponent(path, id, manifest, environment);
  if (!found.ok) return found;
  const { config, place } = found.component;
  const refuse = (message: string, hint?: string) =>
    ({ ok: false, diagnostics: [mistake(message, place, hint)] }) as const;
  const { endpoints, ...fields } = config as WithRules;
  if (endpoints === undefined || !endpoints.some((one) => one.write_relabel_rules !== undefined)) {
    const rules = fields.rules ?? fields.metric_relabel_rules;
    return rules === undefined ? refuse(`${id} has no relabel rules`) : { ok: true, rules };
  }
  const names = endpoints.map(endpointName);
  const at = endpoint === undefined && names.length === 1 ? 0 : names.indexOf(endpoint ?? "");
  const rules = endpoints[at]?.write_relabel_rules;
  if (rules !== undefined) return { ok: true, rules };
  const message = endpoint === undefined ? `${id} has several endpoints` : `${id} has no endpoint ${endpoint}`;
  return refuse(message, `name one with --endpoint: ${names.join(", ")}`);
}

/** Where components keep relabel rules. */
interface WithRules {
  readonly rules?: readonly RelabelRule[];
  readonly metric_relabel_rules?: readonly RelabelRule[];
  readonly endpoints?: readonly (Parameters<typeof endpointName>[0] & {
    readonly write_relabel_rules?: readonly RelabelRule[];
  })[];
}
