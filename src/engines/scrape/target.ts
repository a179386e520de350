import { formatDuration, parseDuration } from "../../lib/duration.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { Gather, Target } from "../../signals/targets.ts";
import type { ScrapeSettings } from "./settings.ts";

export interface ScrapeTarget {
  /** Equal for targets that are the same: all labels and the URL. How often it is scraped is no part of what it is. */
  readonly identity: string;
  /** What every series of the target gets. */
  readonly labels: Labels;
  /** As discovery gave them, filled up from the settings; nothing is taken away yet. For people. */
  readonly discoveredLabels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly gather?: Gather;
}

/** A target that cannot be scraped as it is, and why. */
export interface RefusedTarget {
  readonly labels: Labels;
  readonly refused: string;
}

/** A target that a relabel rule of the job takes away, and which; its labels are those before the rules. */
export interface UnwantedTarget {
  readonly labels: Labels;
  readonly dropped: string;
}

/**
 * What discovery and the job's settings say about a target, as one. The target's own labels win; settings fill in what
 * is missing (Prometheus: scrape.PopulateLabels).
 */
export function scrapeTarget(target: Target, settings: ScrapeSettings): ScrapeTarget | UnwantedTarget | RefusedTarget {
  const discoveredLabels = labelsFrom({ ...settingLabels(target, settings), ...labelRecord(target.labels) });
  const relabeled = settings.relabeling.apply(discoveredLabels);
  if ("dropped" in relabeled) return { labels: discoveredLabels, dropped: relabeled.dropped };
  const labels = labelRecord(relabeled);
  const refused = refuse(labels);
  if (refused !== undefined) return { labels: target.labels, refused };

  for (const name of Object.keys(labels)) if (name.startsWith("__meta_")) delete labels[name];
  labels.instance ||= labels.__address__ ?? "";
  const url = targetUrl(labels, settings.params);
  const { __scrape_interval__: interval = "", __scrape_timeout__: timeout = "", ...rest } = labels;
  return {
    identity: JSON.stringify([labelsFrom(rest), url]),
    labels: labelsFrom(withoutPrefix(labels, "__")),
    discoveredLabels,
    url,
    intervalMs: parseDuration(interval) ?? 0,
    timeoutMs: parseDuration(timeout) ?? 0,
    ...(target.gather === undefined ? {} : { gather: target.gather }),
  };
}

function settingLabels(target: Target, settings: ScrapeSettings): Record<string, string> {
  const params = Object.entries(settings.params).flatMap(([name, [first = ""]]) => {
    return first === "" ? [] : [[`__param_${name}`, first]];
  });
  return {
    ...Object.fromEntries(params),
    job: settings.jobName ?? target.job ?? settings.defaultJobName,
    __scrape_interval__: formatDuration(settings.intervalMs),
    __scrape_timeout__: formatDuration(settings.timeoutMs),
    __metrics_path__: settings.metricsPath,
    __scheme__: settings.scheme,
  };
}

function refuse(labels: Readonly<Record<string, string>>): string | undefined {
  const { __address__: address = "", __scrape_interval__: interval = "", __scrape_timeout__: timeout = "" } = labels;
  if ((labels.__scheme__ ?? "") === "") return "its relabel rules have emptied the label __scheme__";
  if (address === "") return "the target has no __address__";
  if (address.includes("/")) return `"${address}" is not a host and port: leave out the scheme and the path`;
  const intervalMs = parseDuration(interval) ?? 0;
  const timeoutMs = parseDuration(timeout) ?? 0;
  if (intervalMs === 0) return `the label __scrape_interval__ is "${interval}", which is not a duration above 0s`;
  if (timeoutMs === 0) return `the label __scrape_timeout__ is "${timeout}", which is not a duration above 0s`;
  if (timeoutMs > intervalMs) return `its timeout (${timeout}) is longer than its interval (${interval})`;
  const broken = Object.keys(labels).find((name) => !name.isWellFormed() || !labels[name]?.isWellFormed());
  return broken === undefined ? undefined : `the label "${broken.toWellFormed()}" is not valid UTF-8`;
}

function withoutPrefix(labels: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith(prefix)));
}

/** Deleting a `__param_x` label does not take the configured parameter away, as upstream. */
function targetUrl(labels: Readonly<Record<string, string>>, params: ScrapeSettings["params"]): string {
  const values = new Map(Object.entries(params).map(([name, list]) => [name, [...list]]));
  for (const [label, value] of Object.entries(labels)) {
    if (!label.startsWith("__param_")) continue;
    const name = label.slice("__param_".length);
    values.set(name, [value, ...(values.get(name) ?? []).slice(1)]);
  }
  const query = [...values]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, list]) => list.map((value) => `${escapeQuery(name)}=${escapeQuery(value)}`))
    .join("&");
  const path = labels.__metrics_path__ ?? "";
  const slash = path.startsWith("/") ? "" : "/";
  return `${labels.__scheme__}://${labels.__address__}${slash}${escapePath(path)}${query === "" ? "" : `?${query}`}`;
}

/** net/url's PathEscape for whole paths: the question mark, the hash and the percent sign are part of the path. */
function escapePath(path: string): string {
  return encodeURIComponent(path)
    .replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent)
    .replace(/[!'()*]/g, escapeCharacter);
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, escapeCharacter)
    .replaceAll("%20", "+");
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
