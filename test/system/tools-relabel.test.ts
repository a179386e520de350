import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Exit, runProcess } from "../support/process.ts";
import { root } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

function relabel(args: readonly string[], input: string): Promise<Exit> {
  return runProcess(join(root, "bin/sonde"), ["tools", "relabel", ...args], { cwd: root, input });
}

test("tools relabel answers every line in its order, and does not stop at an error", async () => {
  const lines = [
    '{"labels":{"a":"1"},"rules":[{"source_labels":["a"],"target_label":"b"}]}',
    "nonsense",
    '{"labels":{"a":"1"},"rules":[{"action":"drop","source_labels":["a"],"regex":"1"}]}',
    '{"labels":{"a":"1"},"rules":[{"regex":"(?=a)","target_label":"b"}]}',
    '{"labels":{"a":"1"},"rules":[]}',
  ];
  const { code, stdout, stderr } = await relabel([], lines.join("\n"));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(answers).toEqual([
    { labels: { a: "1", b: "1" } },
    { error: expect.stringContaining("not JSON") },
    { labels: null },
    { error: expect.stringContaining("rule 1") },
    { labels: { a: "1" } },
  ]);
});

test("tools relabel takes the rules of a component, and tells what each did", async () => {
  using dir = tempDir();
  const config = join(dir.path, "sonde.yaml");
  writeFileSync(
    config,
    `
discovery.file.apps: { files: ["*.json"] }
discovery.relabel.prod:
  targets: [discovery.file.apps]
  rules:
    - { source_labels: [env], regex: prod, action: keep }
prometheus.scrape.apps:
  targets: [discovery.relabel.prod]
  forward_to: [prometheus.echo.out]
prometheus.echo.out: {}
prometheus.remote_write.central:
  endpoints:
    - url: http://127.0.0.1:1/a
    - { name: long_term, url: "http://127.0.0.1:1/b", write_relabel_rules: [{ source_labels: [env], action: drop, regex: qa }] }
`,
  );
  const of = (id: string) => ["--config", config, "--component", id];
  const { code, stdout } = await relabel(
    [...of("discovery.relabel.prod"), "--explain"],
    '{"labels":{"env":"prod"}}\n{"labels":{"env":"qa"}}\n',
  );
  expect(code).toBe(0);
  expect(stdout).toBe(
    '{"labels":{"env":"prod"},"explain":[{"rule":1,"action":"keep","source":"prod"}]}\n' +
      '{"labels":null,"explain":[{"rule":1,"action":"keep","source":"qa","dropped":true}]}\n',
  );
  const central = of("prometheus.remote_write.central");
  expect((await relabel([...central, "--endpoint", "long_term"], '{"labels":{"env":"qa"}}\n')).stdout).toBe(
    '{"labels":null}\n',
  );
  const which = await relabel(central, "");
  expect(which.code).toBe(1);
  expect(which.stderr).toContain("name one with --endpoint: 127.0.0.1:1, long_term");
  const unknown = await relabel(of("discovery.relabel.prof"), "");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("did you mean `discovery.relabel.prod`?");
  const none = await relabel(of("discovery.file.apps"), "");
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("discovery.file.apps has no relabel rules");
  expect((await relabel(["--config", config], "")).code).toBe(2);
});
