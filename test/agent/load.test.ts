import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadAnyConfig } from "../../src/agent/load.ts";
import { components } from "../../src/components/index.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { tempDir } from "../support/temp-dir.ts";

const environment = { env: {}, readFile: (path: string) => readFileSync(path, "utf8") };

function load(name: string, text: string, bypassErrors = false) {
  using dir = tempDir();
  const path = join(dir.path, name);
  writeFileSync(path, text);
  const loaded = loadAnyConfig(path, components, environment, bypassErrors);
  return {
    ids: loaded.ok ? loaded.config.components.map(({ id }) => id) : [],
    errors: loaded.ok ? "" : renderDiagnostics(loaded.diagnostics).replaceAll(dir.path, ""),
    notes: loaded.notes.map(({ message, place }) => `${place?.line}: ${message}`),
  };
}

const jobs = `
scrape_configs:
  - job_name: app
    scrape_interval: 10s
    static_configs: [{ targets: ["a:1"] }]
remote_write:
  - url: http://r/write
`;

test("a prometheus.yml is known by its keys, whatever it is called", () => {
  const all = { ids: ["prometheus.scrape.app", "prometheus.remote_write.default"], errors: "", notes: [] };
  expect(load("agent.yaml", jobs)).toEqual(all);
});

test("a config of Sonde's own is one still", () => {
  const { ids } = load("sonde.yaml", "storage: { path: /tmp }\nprometheus.exporter.self.a: {}\n");
  expect(ids).toEqual(["prometheus.exporter.self.a"]);
});

test("mistakes are shown where they stand in the file of the other agent", () => {
  expect(
    load("prometheus.yml", jobs.replace("10s", "10 seconds")).errors,
  ).toBe(`error: \`scrape_interval\`: "10 seconds" is not a duration; write 15s, 1m30s or 2h
  --> /prometheus.yml:4:22
  3 |   - job_name: app
  4 |     scrape_interval: 10 seconds
    |                      ^^^^^^^^^^
  5 |     static_configs: [{ targets: ["a:1"] }]

1 error`);
});

test("what has no equal is a mistake, unless it is bypassed; what means nothing is a note", () => {
  const text = `${jobs}rule_files: [a.yml]\nstorage: { tsdb: { out_of_order_time_window: 1h } }\n`;
  const { errors, notes } = load("prometheus.yml", text);
  expect(errors).toContain("error: rule_files: Sonde evaluates no rules");
  expect(errors).toContain("hint: sonde convert shows what the rest becomes; --bypass-errors goes on without it");
  expect(notes).toHaveLength(1);
  const bypassed = load("prometheus.yml", text, true);
  expect(bypassed.ids).toHaveLength(2);
  expect(bypassed.notes).toHaveLength(2);
});

test("the *.alloy of a folder are one config whose files see each other", () => {
  using dir = tempDir();
  const write = (name: string, text: string) => writeFileSync(join(dir.path, name), text);
  write("a.alloy", 'sink "x" { }\nprometheus.scrape "a" {\n  targets = []\n  forward_to = [sink.x.receiver]\n}\n');
  write(
    "b.alloy",
    'declare "sink" {\n  prometheus.echo "e" { }\n  export "receiver" { value = prometheus.echo.e.receiver }\n}\n',
  );
  const loaded = loadAnyConfig(dir.path, components, environment);
  expect(loaded.ok && loaded.config.components.map(({ id }) => id)).toEqual([
    "prometheus.scrape.a",
    "prometheus.echo.x_e",
  ]);
  write("b.alloy", "x = ");
  const broken = loadAnyConfig(dir.path, components, environment);
  expect(broken.ok ? [] : broken.diagnostics.map(({ place }) => place?.file)).toEqual([join(dir.path, "b.alloy")]);
});
