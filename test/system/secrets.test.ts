import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { sonde, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const secrets = [
  "canary-password",
  "canary-token",
  "canary-header",
  "canary-env",
  "canary-in-url",
  "canary-client",
  "canary-proxy",
];

function config(address: string): string {
  return `
prometheus.exporter.self.agent: {}
prometheus.scrape.agent:
  targets: [prometheus.exporter.self.agent]
  scrape_interval: 1s
  forward_to: [prometheus.remote_write.central]
prometheus.scrape.app:
  static_configs: [{ targets: ["${address}"] }]
  scrape_interval: 1s
  basic_auth: { username: agent, password: canary-password }
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 100ms }
  endpoints:
    - url: "http://agent:canary-in-url@${address}/token"
      name: token
      http_headers: { X-Key: { secrets: [canary-header] } }
    - url: "http://${address}/env"
      name: env
      bearer_token: "\${env:SECRET}"
    - url: "http://${address}/oauth2"
      name: oauth2
      oauth2: { client_id: agent, client_secret: canary-client, token_url: "http://agent:canary-in-url@${address}/token" }
    - url: "http://${address}/proxied"
      name: proxied
      proxy_url: "http://agent:canary-proxy@${address}"
      proxy_connect_header: { X-Key: [canary-proxy] }
`;
}

test("no secret of a config shows in the log, on any page, or in a diagnostic", async () => {
  await using server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === "/env" ? 400 : 401).end("no");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  const text = config(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  writeFileSync(path, text);
  await using agent = await startSonde(path, { SECRET: "canary-env" });
  await agent.process.output(/endpoint=token/);
  await agent.process.output(/endpoint=env/);
  await agent.process.output(/endpoint=oauth2/);
  await agent.process.output(/endpoint=proxied/);

  const ids = ["scrape.agent", "scrape.app", "remote_write.central"].map((id) => `api/v1/components/prometheus.${id}`);
  const pages = ["", "metrics", "-/healthy", "api/v1/components", "api/v1/graph", ...ids];
  const shown = await Promise.all(pages.map(async (page) => (await fetch(`${agent.url}/${page}`)).text()));
  expect(shown.join()).toContain("<secret>");

  writeFileSync(
    path,
    text.replace("bearer_token:", "bearer_tokens:").replace("password: canary", "pass: 1, password: canary"),
  );
  const refused = await fetch(`${agent.url}/-/reload`, { method: "POST" });
  expect(refused.status).toBe(400);
  const checked = await sonde(["check", path], { SECRET: "canary-env" }).exited;
  const json = await sonde(["check", path, "--format=json"], { SECRET: "canary-env" }).exited;
  const all = [...shown, await refused.text(), checked.stderr, json.stdout, agent.process.stdout, agent.process.stderr];
  await eventually(() => expect(agent.process.stderr).toContain("config refused"));
  for (const secret of secrets) expect(all.join()).not.toContain(secret);
});
