import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

test("tools discover prints the targets of one component, or why there are none", async () => {
  using dir = tempDir();
  const config = join(dir.path, "sonde.yaml");
  writeFileSync(
    config,
    `
discovery.file.apps: { files: [targets.json] }
discovery.dns.nodes: { names: [nodes.test], servers: ["127.0.0.1:1"] }
prometheus.scrape.apps:
  targets: [discovery.file.apps, discovery.dns.nodes]
  forward_to: [prometheus.echo.out]
prometheus.echo.out: {}
`,
  );
  const targets = join(dir.path, "targets.json");
  writeFileSync(targets, '[{"targets":["a:1","b:2"],"labels":{"env":"prod"}}]');
  const discover = (id: string) => sonde(["tools", "discover", config, id]).exited;
  const lines = ["a:1", "b:2"].map(
    (address) => `${JSON.stringify({ __address__: address, __meta_filepath: targets, env: "prod" })}\n`,
  );
  expect(await discover("discovery.file.apps")).toMatchObject({ code: 0, stderr: "", stdout: lines.join("") });
  const failing = await discover("discovery.dns.nodes");
  expect(failing).toMatchObject({ code: 1, stdout: "" });
  expect(failing.stderr).toMatch(/^error: cannot look up nodes\.test: .*ECONNREFUSED/);
  expect((await discover("prometheus.scrape.apps")).stderr).toContain("finds no targets by itself");
  expect((await discover("discovery.file.app")).stderr).toContain("did you mean `discovery.file.apps`?");
});
