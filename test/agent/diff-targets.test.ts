import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { diffTargets } from "../../src/agent/diff-targets.ts";
import { loadAnyConfig } from "../../src/agent/load.ts";
import { components } from "../../src/components/index.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { tempDir } from "../support/temp-dir.ts";

const environment = { env: {}, readFile: (path: string) => readFileSync(path, "utf8") };

/** What differs between two configs in the same folder, or in two. */
function diff(before: [name: string, text: string], after: [name: string, text: string]): string {
  using dir = tempDir();
  const loaded = [before, after].map(([name, text]) => {
    const path = join(dir.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const result = loadAnyConfig(path, components, environment, true);
    if (!result.ok) throw new Error(renderDiagnostics(result.diagnostics));
    return result.config;
  });
  const [old, now] = loaded;
  return old && now ? diffTargets(old, now).text.replaceAll(dir.path, "") : "";
}

const prometheus = `
global: { scrape_interval: 15s }
scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["a:1", "b:1"], labels: { env: prod } }]
    relabel_configs:
      - { source_labels: [__address__], regex: "(.*):.*", target_label: host }
  - job_name: files
    basic_auth: { username: u, password: secret }
    file_sd_configs: [{ files: [t/*.yml] }]
    relabel_configs: [{ source_labels: [env], regex: prod, action: keep }]
remote_write: [{ url: "http://r/w" }]
rule_files: [a]
`;

/** The same by hand, from another folder, with the rules in another place. */
const byHand = `
discovery.relabel.app:
  static_configs:
    - { targets: ["a:1"], labels: { env: prod } }
    - { targets: ["b:1"], labels: { env: prod } }
  rules: [{ source_labels: [__address__], regex: "(.*):.*", target_label: host }]
prometheus.scrape.one:
  job_name: app
  targets: [discovery.relabel.app]
  scrape_interval: 15s
  forward_to: [prometheus.echo.out]
discovery.file.two: { files: [../t/*.yml] }
discovery.relabel.two:
  targets: [discovery.file.two]
  rules: [{ source_labels: [env], regex: prod, action: keep }]
prometheus.scrape.two:
  job_name: files
  basic_auth: { username: u, password: secret }
  targets: [discovery.relabel.two]
  scrape_interval: 15s
  forward_to: [prometheus.echo.out]
prometheus.echo.out: {}
`;

const inProm = (text: string): [string, string] => ["prometheus.yml", text];
const inSonde = (text: string): [string, string] => ["sonde/sonde.yaml", text];

test("a config that was converted by hand scrapes the same, wherever its rules and files stand", () => {
  expect(diff(inProm(prometheus), inSonde(byHand))).toBe("3 targets and discoveries, and they are the same.");
});

test("targets that are missing, new or scraped in another way are listed", () => {
  const changed = byHand
    .replace('["b:1"]', '["b:2"]')
    .replace("scrape_interval: 15s", "scrape_interval: 1m\n  honor_labels: true")
    .replace("password: secret", "password: other")
    .replace("regex: prod", "regex: qa");
  expect(
    diff(inProm(prometheus), inSonde(changed)),
  ).toBe(`- http://b:1/metrics {env="prod", host="b", instance="b:1", job="app"}
+ http://b:2/metrics {env="prod", host="b", instance="b:2", job="app"}
~ http://a:1/metrics {env="prod", host="a", instance="a:1", job="app"}: honor_labels, scrape_interval
~ discovery.file files=["/t/*.yml"] of job files: basic_auth, relabel_rules

- only in the old config, + only in the new one, ~ scraped in another way`);
});

test("a target that rules drop is none", () => {
  const drop = byHand.replace(
    "target_label: host }",
    "target_label: host }, { source_labels: [host], regex: b, action: drop }",
  );
  expect(diff(inSonde(byHand), ["sonde/two.yaml", drop])).toMatch(/^- http:\/\/b:1\/metrics .*\n\n/);
});
