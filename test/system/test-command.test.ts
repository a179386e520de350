import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const config = `loki.process.app:
    stages:
      - logfmt: { mapping: { level: "", trace: "" } }
      - labels: { values: { level: "" } }
      - structured_metadata: { values: { trace: "" } }
      - drop: { source: level, value: debug }
    forward_to: [loki.echo.terminal]
  loki.echo.terminal: {}
`;

test("sonde test: the tests that are shipped pass", async () => {
  const { code, stdout, stderr } = await sonde(["test", "test/pipelines"]).exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^test\/pipelines\/nginx\.yaml\n {2}ok {4}an access becomes labels/);
  expect(stdout).toMatch(/\n\n[0-9]+ passed, 0 failed\n$/);
});

test("sonde test shows what is not as expected", async () => {
  using dir = tempDir();
  const path = join(dir.path, "app.yaml");
  writeFileSync(
    path,
    `
config:
  ${config}
component: loki.process.app
tests:
  - name: is right
    input: [level=info, level=debug]
    expect: [{ line: level=info, labels: { level: info }, metadata: {}, time: 2026-01-01T00:00:00Z }]
  - name: is wrong in all parts
    labels: { app: a }
    input: [{ line: level=info trace=1, time: 2026-01-02T00:00:00.5Z }]
    expect: [{ line: x, labels: { level: info }, metadata: { trace: "2" }, time: 2026-01-02T00:00:00Z }]
  - name: expects too much
    input: [level=debug]
    expect: [level=debug]
  - name: expects too little
    input: ["\${env:HOME}"]
    expect: []
`,
  );
  const { code, stdout, stderr } = await sonde(["test", path]).exited;
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toBe(`${path}
  ok    is right
  FAIL  is wrong in all parts
        entry 1:
          - time: 2026-01-02T00:00:00.000000000Z
          + time: 2026-01-02T00:00:00.500000000Z
          - labels: {level="info"}
          + labels: {app="a", level="info"}
          - metadata: {trace="2"}
          + metadata: {trace="1"}
          - line: "x"
          + line: "level=info trace=1"
  FAIL  expects too much
        entry 1 is missing:
          - line: "level=debug"
  FAIL  expects too little
        entry 1 should not be there:
          + time: 2026-01-01T00:00:00.000000000Z
          + labels: {}
          + metadata: {}
          + line: "\${env:HOME}"

1 passed, 3 failed
`);
});

test("sonde test tells mistakes of a file and of the config in it with their places", async () => {
  using dir = tempDir();
  const path = join(dir.path, "app.yaml");
  writeFileSync(
    path,
    "config: other.yaml\ncomponent: loki.process.app\ntests:\n  - { name: x, inputs: [], expect: [] }\n",
  );
  const wrong = await sonde(["test", path]).exited;
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("unknown field `inputs`; did you mean `input`?");
  expect(wrong.stderr).toContain(`${path}:4:16`);
  const tests = "component: loki.process.app\ntests:\n  - { name: x, input: [], expect: [] }\n";
  writeFileSync(path, `${tests}config:\n  ${config.replace("logfmt:", "logfm:")}`);
  const inside = await sonde(["test", path]).exited;
  expect(inside.stderr).toContain("unknown field `logfm`; did you mean `logfmt`?");
  expect(inside.stderr).toContain(`${path}:7:9`);
  expect(inside.stdout).toBe(`${path}\n\n0 passed, 1 failed\n`);
  writeFileSync(path, `${tests}config: absent.yaml\n`);
  expect((await sonde(["test", path]).exited).stderr).toContain("there is no config at");
  writeFileSync(path, tests);
  expect((await sonde(["test", path]).exited).stderr).toContain("missing required field `config`");
});

test("sonde test tries relabel rules of a config beside it on label sets", async () => {
  using dir = tempDir();
  const rules = `
loki.relabel.tidy:
  rules: [{ source_labels: [env], regex: prod, action: keep }]
  forward_to: [loki.echo.terminal]
loki.echo.terminal: {}
`;
  writeFileSync(join(dir.path, "sonde.yaml"), rules);
  const path = join(dir.path, "test.yaml");
  const file = (entry: string) => `
config: sonde.yaml
component: loki.relabel.tidy
tests: [{ name: keeps, labels: { env: prod }, input: [${entry}, { labels: { env: qa } }], expect: [{ labels: { env: prod, a: "1" } }] }]
`;
  writeFileSync(path, file('{ labels: { a: "1" } }'));
  expect(await sonde(["test", path]).exited).toMatchObject({
    code: 0,
    stdout: `${path}\n  ok    keeps\n\n1 passed, 0 failed\n`,
  });
  writeFileSync(path, file("line"));
  expect((await sonde(["test", path]).exited).stderr).toContain(
    "loki.relabel.tidy relabels; its tests have labels, and nothing else",
  );
});
