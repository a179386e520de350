import type { YamlMap } from "../../lib/yaml.ts";
import type { Origin } from "./conversion.ts";

/** Whose YAML a file is, by keys that only this one has at the top; undefined for Sonde's own. */
export function originOfYaml({ entries }: YamlMap): Exclude<Origin, "alloy" | "node_exporter"> | undefined {
  const keys = entries.map(({ key }) => key);
  if (keys.some((key) => key.includes("."))) return undefined;
  if (keys.some((key) => promtailKeys.includes(key))) return "promtail";
  return keys.some((key) => prometheusKeys.includes(key)) ? "prometheus" : undefined;
}

export function isAlloyFile(path: string): boolean {
  return /\.(alloy|river)$/.test(path);
}

const promtailKeys: readonly string[] = ["clients", "client", "positions", "target_config", "limits_config"];

const prometheusKeys: readonly string[] = [
  "global",
  "scrape_configs",
  "scrape_config_files",
  "remote_write",
  "remote_read",
  "rule_files",
  "alerting",
];
