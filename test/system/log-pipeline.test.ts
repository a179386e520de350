import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const depth = 20;

/** A line and what belongs to it. */
function block(number: number): string[] {
  return [
    `2026-01-01 ERROR number ${number}`,
    ...Array.from({ length: depth }, (_, at) => `  at line ${at} of a stack`),
  ];
}

test("blocks of lines are whole wherever a file is cut, and the last one survives SIGKILL", async () => {
  using dir = tempDir();
  const count = 1_000;
  const log = join(dir.path, "app.log");
  writeFileSync(log, `${Array.from({ length: count }, (_, at) => block(at).join("\n")).join("\n")}\n`);
  const config = join(dir.path, "sonde.yaml");
  writeFileSync(
    config,
    `
loki.source.file.app: { paths: [app.log], forward_to: [loki.process.app] }
loki.process.app:
  stages:
    - multiline: { firstline: '^\\d{4}', max_wait_time: 1h }
  forward_to: [loki.echo.terminal]
loki.echo.terminal: {}
`,
  );
  const run = () =>
    sonde(["run", config, "--storage.path", join(dir.path, "data"), "--http.listen-address", "127.0.0.1:0"]);
  const first = run();
  await first.output(new RegExp(`number ${count - 2}\\D`));
  first.kill("SIGKILL");
  await first.exited;
  const second = run();
  await second.output(new RegExp(`number ${count - 2}\\D`));
  const { stdout } = await second.stop();
  const printed = `${first.stdout}\n${stdout}`.split("\n").filter((line) => line.includes("ERROR"));
  const numbers = new Set(printed.map((line) => Number(/number (\d+)/.exec(line)?.[1])));
  expect(numbers.size).toBe(count);
  for (const line of printed) expect(line.split("\\n")).toHaveLength(depth + 1);
});
