import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Exit, runProcess } from "../support/process.ts";
import { root } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

function toolsProcess(args: readonly string[], input: string): Promise<Exit> {
  return runProcess(join(root, "bin/sonde"), ["tools", "process", ...args], { cwd: root, input });
}

const config = `
loki.process.app:
  stages:
    - multiline: { firstline: '^\\S' }
    - regex: { expression: '^(?P<time>\\S+) (?P<level>[A-Z]+)' }
    - timestamp: { source: time, format: RFC3339 }
    - labels: { values: { level: "" } }
    - structured_metadata: { values: { file: "" } }
    - drop: { source: level, value: DEBUG }
  forward_to: [loki.echo.terminal]
loki.echo.terminal: {}
`;

test("tools process tells what each stage does to each line", async () => {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, config);
  const lines = [
    "2026-01-01T10:00:00Z ERROR no",
    "  at x",
    "2026-01-01T10:00:01Z DEBUG a",
    "2026-01-01T10:00:02Z INFO b",
  ];
  const args = [path, "loki.process.app", "--label", "app=web", "--label", "file=/a=b"];
  const { code, stdout, stderr } = await toolsProcess(args, lines.join("\n"));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.replaceAll(/time: \S+ ->/g, "time: now ->")).toBe(`line 1: 2026-01-01T10:00:00Z ERROR no
  [0].multiline
    holds it back

line 2:   at x
  [0].multiline
    holds it back

line 3: 2026-01-01T10:00:01Z DEBUG a
  [0].multiline
    line: 2026-01-01T10:00:00Z ERROR no -> "2026-01-01T10:00:00Z ERROR no\\n  at x"
    holds it back, and lets go what it held
  [1].regex
    extracted time: 2026-01-01T10:00:00Z
    extracted level: ERROR
  [2].timestamp
    time: now -> 2026-01-01T10:00:00.000000000Z
  [3].labels
    label level: ERROR
  [4].structured_metadata
    label file: gone (/a=b)
    metadata file: /a=b
  => 2026-01-01T10:00:00.000000000Z {app="web", level="ERROR"} {file="/a=b"} "2026-01-01T10:00:00Z ERROR no\\n  at x"

line 4: 2026-01-01T10:00:02Z INFO b
  [0].multiline
    holds it back, and lets go what it held
  [1].regex
    extracted time: 2026-01-01T10:00:01Z
    extracted level: DEBUG
  [2].timestamp
    time: now -> 2026-01-01T10:00:01.000000000Z
  [3].labels
    label level: DEBUG
  [4].structured_metadata
    label file: gone (/a=b)
    metadata file: /a=b
  [5].drop
    drops it
  dropped: drop_stage

end of the input
  [1].regex
    extracted time: 2026-01-01T10:00:02Z
    extracted level: INFO
  [2].timestamp
    time: now -> 2026-01-01T10:00:02.000000000Z
  [3].labels
    label level: INFO
  [4].structured_metadata
    label file: gone (/a=b)
    metadata file: /a=b
  => 2026-01-01T10:00:02.000000000Z {app="web", level="INFO"} {file="/a=b"} 2026-01-01T10:00:02Z INFO b

`);
});

test("tools process says what it cannot do", async () => {
  using dir = tempDir();
  const path = join(dir.path, "sonde.yaml");
  writeFileSync(path, config);
  const other = await toolsProcess([path, "loki.echo.terminal"], "");
  expect(other).toMatchObject({ code: 1, stdout: "" });
  expect(other.stderr).toContain("loki.echo.terminal has no stages; name a loki.process");
  expect((await toolsProcess([path, "loki.process.ap"], "")).stderr).toContain("did you mean `loki.process.app`?");
  expect((await toolsProcess([path, "loki.process.app", "--label", "x"], "")).code).toBe(2);
});
