import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { sonde, startSonde, startSondeWith } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const good = `
prometheus.exporter.self.agent: {}
prometheus.scrape.agent:
  targets: [prometheus.exporter.self.agent]
  forward_to: [prometheus.echo.console]
prometheus.echo.console:
  format: summary
`;

test("a config with mistakes is refused at start with every one of them, and exit code 1", async () => {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, good.replace("targets:", "target:").replace("format: summary", "format: pretty"));
  const { code, stdout, stderr } = await sonde(["run", path]).exited;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("unknown field `target`; did you mean `targets`?");
  expect(stderr).toContain(`${path}:7:11`);
  expect(stderr).not.toMatch(/^ +at /m);
});

test("SIGHUP with a broken file changes nothing, and says so", async () => {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, good);
  await using agent = await startSonde(path);

  writeFileSync(path, good.replace("prometheus.echo.console]", "prometheus.echo.konsole]"));
  agent.process.kill("SIGHUP");
  await agent.process.output(/config refused; the running config stays/);
  expect((await fetch(`${agent.url}/-/ready`)).status).toBe(200);
  const metrics = await (await fetch(`${agent.url}/metrics`)).text();
  expect(metrics).toContain("\nsonde_config_last_reload_successful 0\n");
  expect(metrics).toContain('\nsonde_component_health{component_id="prometheus.echo.console",state="healthy"} 1\n');

  const address = new URL(agent.url).host;
  const refused = await sonde(["reload", "--http.listen-address", address]).exited;
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("`prometheus.echo.konsole`");

  writeFileSync(path, good);
  const taken = await sonde(["reload", "--http.listen-address", address]).exited;
  expect(taken).toMatchObject({ code: 0, stdout: "0 started, 0 changed, 0 stopped, 3 untouched\n" });
  expect(await (await fetch(`${agent.url}/metrics`)).text()).toContain("\nsonde_config_last_reload_successful 1\n");
});

test("reload says that there is no agent when there is none", async () => {
  const { code, stderr } = await sonde(["reload", "--http.listen-address", "127.0.0.1:1"]).exited;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^cannot reach an agent at 127\.0\.0\.1:1: .*\nIs it running/);
});

test("a port in use is one clear line and exit code 1", async () => {
  await using busy = createServer().listen(0, "127.0.0.1");
  await once(busy, "listening");
  const { port } = busy.address() as AddressInfo;
  const { code, stdout, stderr } = await sonde([
    "run",
    "configs/quickstart.yaml",
    "--http.listen-address",
    `127.0.0.1:${port}`,
  ]).exited;
  expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 1, stdout: "", lines: 1 });
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: the address is in use`);
});

test("SIGTERM during a scrape ends the agent at once and cleanly", async () => {
  await using hanging = createServer(() => {}).listen(0, "127.0.0.1");
  await once(hanging, "listening");
  const scraped = once(hanging, "connection");
  await using agent = await startSondeWith(scraping(`127.0.0.1:${(hanging.address() as AddressInfo).port}`));
  const [socket] = await scraped;
  agent.process.kill("SIGTERM");
  expect(await agent.process.exited).toMatchObject({ code: 0, signal: null });
  socket.destroy();
});

test("a target that is down is shown with the reason, and the agent goes on", async () => {
  await using agent = await startSondeWith(scraping("127.0.0.1:1"));
  await eventually(async () => {
    const healthy = await fetch(`${agent.url}/-/healthy`);
    expect(healthy.status).toBe(500);
    expect(await healthy.text()).toMatch(/prometheus\.scrape\.app.*connection refused/);
  });
  expect(agent.process.stdout).toMatch(/up\{.*instance="127\.0\.0\.1:1".*\} 0/);
});

/** A config that scrapes one target every second, and prints what it yields. */
function scraping(target: string): string {
  return `
prometheus.scrape.app:
  static_configs: [{ targets: ["${target}"] }]
  scrape_interval: 1s
  forward_to: [prometheus.echo.console]
prometheus.echo.console: {}
`;
}
