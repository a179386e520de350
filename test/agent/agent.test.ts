import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Agent } from "../../src/agent/agent.ts";
import type { Component } from "../../src/component.ts";
import { components } from "../../src/components/index.ts";
import { lokiEchoTo } from "../../src/components/loki/echo.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { tempDir } from "../support/temp-dir.ts";

const config = `
prometheus.exporter.self.agent: {}
prometheus.scrape.agent:
  targets: [prometheus.exporter.self.agent]
  forward_to: [prometheus.remote_write.nowhere]
prometheus.remote_write.nowhere:
  endpoints: [{ url: "http://127.0.0.1:1/" }]
`;

async function started(dir: string, text = config, manifest: readonly Component[] = components) {
  const path = join(dir, "sonde.yaml");
  writeFileSync(path, text);
  const lines: string[] = [];
  const agent = new Agent({
    path,
    storagePath: join(dir, "storage"),
    listenAddress: { host: "127.0.0.1", port: 0 },
    manifest,
    environment: { env: {}, readFile: (file) => readFileSync(file, "utf8") },
    clock: systemClock,
    random: Math.random,
    hostname: "vm",
    writeLog: (line) => lines.push(line),
  });
  return { agent, path, lines, outcome: await agent.start() };
}

test("is ready between start and stop, and takes no config after that", async () => {
  using dir = tempDir();
  const { agent, outcome } = await started(dir.path);
  expect([outcome, agent.isReady()]).toEqual([{ ok: true }, true]);
  expect(await agent.reload()).toEqual({ ok: true, summary: "0 started, 0 changed, 0 stopped, 3 untouched" });
  const stopped = agent.stop();
  const late = await agent.reload();
  await stopped;
  expect(late).toMatchObject({ ok: false, text: expect.stringContaining("starting or stopping") });
  expect(agent.isReady()).toBe(false);
});

test("its metrics count what flows, and show no series of components that are gone or were refused", async () => {
  using dir = tempDir();
  const { agent, path } = await started(dir.path);
  const before = await agent.renderMetrics();
  expect(before).toContain('sonde_component_received_records_total{component_id="prometheus.scrape.agent"} 1\n');
  expect(before).toContain('component_id="prometheus.remote_write.nowhere"');

  writeFileSync(path, config.replaceAll("nowhere", "elsewhere"));
  expect(await agent.reload()).toMatchObject({ ok: true, summary: "1 started, 0 changed, 1 stopped, 2 untouched" });
  const after = await agent.renderMetrics();
  expect(after).not.toContain("remote_write.nowhere");
  expect(after).toContain('sonde_config_reloads_total{result="success"} 1\n');
  await agent.stop();
});

test("says when a change of the config waits for the next start", async () => {
  using dir = tempDir();
  const { agent, path, lines } = await started(dir.path);
  writeFileSync(path, `http: { listen_address: "127.0.0.1:1" }\nlogging: { format: json }\n${config}`);
  await agent.reload();
  await agent.stop();
  expect(lines.join("\n")).toContain('msg="changes of http and storage take effect at the next start"');
  expect(lines.at(-1)).toMatch(/^\{"ts":".*","level":"info","msg":"stopped"\}$/);
});

test("the log goes to the receivers in write_to, from the start to the stop and over a reload", async () => {
  using dir = tempDir();
  const got: string[] = [];
  const echo = lokiEchoTo((text) => got.push(...text.split("\n").slice(0, -1)));
  const manifest = components.map((component) => (component.type === echo.type ? echo : component));
  const logged = `${config}
logging: { write_to: [loki.relabel.tidy] }
loki.relabel.tidy:
  rules: [{ target_label: via, replacement: relabel }]
  forward_to: [loki.echo.terminal]
loki.echo.terminal: {}
`;
  const { agent, path, lines } = await started(dir.path, logged, manifest);
  writeFileSync(path, logged.replace("loki.relabel.tidy]", "loki.echo.terminal]"));
  expect(await agent.reload()).toMatchObject({ ok: true });
  await agent.stop();
  const sent = got
    .map((line) => /^\S+ (\{.*?\}) (".*")$/.exec(line) ?? [])
    .map(([, labels, text = '""']) => ({
      labels,
      text: JSON.parse(text) as string,
    }));
  // What is said when the receivers have stopped has nowhere to go.
  expect(sent.map(({ text }) => text)).toEqual(lines.filter((line) => !line.includes("msg=stopped")));
  expect(sent.at(0)?.labels).toBe('{agent="sonde", via="relabel"}');
  expect(sent.at(-1)).toMatchObject({ labels: '{agent="sonde"}', text: expect.stringContaining("msg=stopping") });
});
