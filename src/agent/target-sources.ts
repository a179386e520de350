import { resolve } from "node:path";
import type { z } from "zod";
import type { scrapeJob } from "../config/fields/scrape-job.ts";
import { scrapeSettings } from "../config/fields/scrape-settings.ts";
import { type staticConfigs, targetsOf } from "../config/fields/static-configs.ts";
import type { ComponentConfig, LoadedConfig } from "../config/loaded.ts";
import { metricRelabeling } from "../engines/scrape/metric-relabeling.ts";
import { type ScrapeTarget, scrapeTarget } from "../engines/scrape/target.ts";
import { targetRelabeling } from "../engines/scrape/target-relabeling.ts";
import { Secret } from "../lib/secret.ts";
import { formatLabels } from "../signals/labels.ts";
import type { RelabelRule } from "../signals/relabel-rule.ts";
import type { Target } from "../signals/targets.ts";

/** Something that is scraped, as far as a config alone tells. */
export interface ScrapedThing {
  /** What it is, for people: `http://a:1/metrics {job="a"}`, or the discovery that finds it. */
  readonly name: string;
  /** By the name of a setting, how it is scraped; compared, and never shown. */
  readonly settings: Readonly<Record<string, string>>;
}

/** All that the scrapes of a config scrape: targets that are known beforehand, and discoveries by their config. */
export function scrapedThings({ components }: LoadedConfig): Map<string, ScrapedThing> {
  const byId = new Map(components.map((component) => [component.id, component]));
  const things = components
    .filter(({ component }) => component.type === "prometheus.scrape")
    .flatMap((scrape) => thingsOf(scrape, byId));
  return new Map(things.map((thing) => [thing.name, thing]));
}

type Components = ReadonlyMap<string, ComponentConfig>;

/** What comes along an edge: one target, or what a component finds. */
type Source = { readonly target: Target } | { readonly found: ComponentConfig; readonly rules: readonly RelabelRule[] };

function thingsOf(scrape: ComponentConfig, byId: Components): ScrapedThing[] {
  const job = scrape.config as z.output<typeof scrapeJob>;
  const { static_configs, relabel_rules, job_name, metrics_path, scheme, params, ...others } = job;
  const settings = settingsOf(others, scrape.configDir);
  const statics = targetsOf(static_configs).map((target): Source => ({ target }));
  return [...statics, ...sourcesOf(scrape, byId)].flatMap((source): ScrapedThing[] => {
    if ("target" in source) return staticThing(source.target, scrape, job, settings);
    const { component, config, configDir } = source.found;
    const own = settingsOf(config, configDir);
    // The defaults of a job fill in what its targets do not say.
    const page = { job_name: job_name ?? scrape.id, metrics_path, scheme, params };
    const name = [component.type, ...shownOf(config, own), "of job", page.job_name].join(" ");
    const discovery = Object.fromEntries(Object.entries(own).map(([key, each]) => [`${component.type}.${key}`, each]));
    const rules = text([...source.rules, ...relabel_rules]);
    return [{ name, settings: { ...settingsOf(page, ""), ...settings, ...discovery, relabel_rules: rules } }];
  });
}

function staticThing(
  target: Target,
  scrape: ComponentConfig,
  job: z.output<typeof scrapeJob>,
  settings: Readonly<Record<string, string>>,
): ScrapedThing[] {
  const relabeling = targetRelabeling(job.relabel_rules);
  const all = { ...scrapeSettings(job, scrape.id), relabeling, metricRelabeling: metricRelabeling([]) };
  const resolved = scrapeTarget(target, all);
  if (!("url" in resolved)) return [];
  const { scrape_interval: _, scrape_timeout: __, ...others } = settings;
  return [{ name: nameOf(resolved), settings: { ...others, ...timesOf(resolved) } }];
}

function nameOf({ url, labels }: ScrapeTarget): string {
  return `${url} ${formatLabels(labels)}`;
}

function timesOf({ intervalMs, timeoutMs }: ScrapeTarget): Record<string, string> {
  return { scrape_interval: String(intervalMs), scrape_timeout: String(timeoutMs) };
}

/** What comes to a component by its `targets`, relabeled on the way. */
function sourcesOf({ targets }: ComponentConfig, byId: Components): Source[] {
  return targets.flatMap(({ id }): Source[] => {
    const from = byId.get(id);
    if (from === undefined) return [];
    if (from.component.type !== "discovery.relabel") return [{ found: from, rules: [] }];
    const { rules, static_configs } = from.config as {
      rules: RelabelRule[];
      static_configs: z.output<typeof staticConfigs>;
    };
    const all = [...targetsOf(static_configs).map((target): Source => ({ target })), ...sourcesOf(from, byId)];
    return all.flatMap((source) => relabeled(source, rules));
  });
}

function relabeled(source: Source, rules: readonly RelabelRule[]): Source[] {
  if (!("target" in source)) return [{ ...source, rules: [...source.rules, ...rules] }];
  const labels = targetRelabeling(rules).apply(source.target.labels);
  return "dropped" in labels ? [] : [{ target: { ...source.target, labels } }];
}

/** Each setting that is given, as text; paths are absolute, so that they are the same in any folder. */
function settingsOf(config: unknown, configDir: string): Record<string, string> {
  const given = Object.entries(config as object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, text(comparable(key, value, configDir))]));
}

/** What tells discoveries apart in a message: texts and lists of them, so no secrets. */
function shownOf(config: unknown, settings: Readonly<Record<string, string>>): string[] {
  const isText = (value: unknown) => typeof value === "string";
  const isShown = (value: unknown) =>
    isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
  return Object.entries(config as object).flatMap(([key, value]) =>
    isShown(value) ? [`${key}=${settings[key]}`] : [],
  );
}

function comparable(key: string, value: unknown, configDir: string): unknown {
  if (value instanceof Secret) return value.reveal();
  if (typeof value === "string") return key === "files" || key.endsWith("_file") ? resolve(configDir, value) : value;
  if (Array.isArray(value)) return value.map((item) => comparable(key, item, configDir));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, comparable(name, each, configDir)]));
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
