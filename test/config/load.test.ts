import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { components } from "../../src/components/index.ts";
import { loadConfig } from "../../src/config/load.ts";
import { tempDir } from "../support/temp-dir.ts";

function load(path: string, env: Record<string, string> = {}) {
  return loadConfig(path, components, { env, readFile: (file) => readFileSync(file, "utf8") });
}

function loadText(text: string, env: Record<string, string> = {}) {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, text);
  const loaded = load(path, env);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join("\n"));
  return loaded.config;
}

test("a folder and its conf.d are one config, merged in the order of the files' names", () => {
  using dir = tempDir();
  writeFileSync(
    join(dir.path, "20-scrape.yaml"),
    "prometheus.scrape.host: { targets: [prometheus.exporter.unix.host], forward_to: [prometheus.echo.x] }\n",
  );
  writeFileSync(join(dir.path, "10-host.yml"), "prometheus.exporter.unix.host:\n");
  writeFileSync(join(dir.path, "30-echo.yaml"), "logging: { level: debug }\nprometheus.echo.x: {}\n");
  writeFileSync(join(dir.path, "40-nothing-yet.yaml"), "# later\n");
  writeFileSync(join(dir.path, ".hidden.yaml"), "not: [a config\n");
  writeFileSync(join(dir.path, "notes.txt"), "not a config\n");
  mkdirSync(join(dir.path, "conf.d"));
  writeFileSync(join(dir.path, "conf.d/00-more.yaml"), "prometheus.echo.more: {}\n");
  writeFileSync(join(dir.path, "conf.d/notes.txt"), "not a config\n");
  mkdirSync(join(dir.path, "other"));
  writeFileSync(join(dir.path, "other/not-read.yaml"), "not: [a config\n");
  const loaded = load(dir.path);
  expect(loaded).toMatchObject({ ok: true, config: { settings: { logging: { level: "debug", format: "logfmt" } } } });
  const ids = loaded.ok ? loaded.config.components.map(({ id }) => id) : [];
  expect(ids).toEqual([
    "prometheus.exporter.unix.host",
    "prometheus.scrape.host",
    "prometheus.echo.x",
    "prometheus.echo.more",
  ]);
});

test("a path that leads nowhere is a diagnostic", () => {
  using dir = tempDir();
  const f = (path: string, message: string) =>
    expect(load(path)).toMatchObject({ ok: false, diagnostics: [{ message }] });
  f(join(dir.path, "gone.yaml"), `there is no config at ${join(dir.path, "gone.yaml")}`);
  f(dir.path, `there is no *.yaml in the folder ${dir.path}`);
});

test("settings have their defaults, and the component what its schema makes of the file", () => {
  const { settings, components: configs } = loadText(
    "prometheus.expose.x: { targets: [prometheus.exporter.self.y] }\nprometheus.exporter.self.y:\n",
  );
  expect(settings).toEqual({
    logging: { level: "info", format: "logfmt", write_to: [] },
    http: { listen_address: { host: "127.0.0.1", port: 12_345 } },
    storage: { path: "/var/lib/sonde", shutdown_timeout: 15_000 },
  });
  expect(configs[0]).toMatchObject({
    id: "prometheus.expose.x",
    config: { max_requests: 40 },
    targets: [{ id: "prometheus.exporter.self.y" }],
  });
});

test("what is shown is what was written, without what is secret and without what came from outside", () => {
  const text = `
prometheus.remote_write.central:
  external_labels: { token: visible }
  endpoints:
    - url: http://user:canary@127.0.0.1/write
      name: a
      basic_auth: { username: u, password: canary }
      http_headers: { X-Key: { secrets: [canary] } }
    - url: "http://\${env:HOST}/write"
      name: b
      bearer_token: \${env:TOKEN}
`;
  const { components: configs } = loadText(text, { HOST: "h", TOKEN: "canary" });
  expect(configs[0]?.shown).toEqual({
    external_labels: { token: "visible" },
    endpoints: [
      {
        url: "http://user:xxxxx@127.0.0.1/write",
        name: "a",
        basic_auth: { username: "u", password: "<secret>" },
        http_headers: { "X-Key": { secrets: ["<secret>"] } },
      },
      { url: "http://${env:HOST}/write", name: "b", bearer_token: "<secret>" },
    ],
  });
});

test("an unquoted number is text where text is wanted, as it is spelled", () => {
  const { components: configs } = loadText(
    "prometheus.remote_write.x: { external_labels: { version: 1.10, on: true }, endpoints: [{ url: http://h/ }] }\n",
  );
  expect(configs[0]).toMatchObject({ config: { external_labels: { version: "1.10", on: "true" } } });
});
