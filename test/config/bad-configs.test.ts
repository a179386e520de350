import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { checkConfig } from "../../src/agent/check.ts";
import { components } from "../../src/components/index.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { root } from "../support/sonde.ts";

/**
 * A broken config (a file, or a folder of files) beside the exact text that `sonde check` answers with.
 * `UPDATE=1 npx vitest run test/config/bad-configs.test.ts` writes the texts anew: read what changed before it lands.
 */
const folder = join(root, "test/configs/bad");
const names = readdirSync(folder).filter((name) => !name.endsWith(".txt"));

test.each(names)("%s is answered with every mistake, its place and what to do", (name) => {
  const path = join(folder, name);
  const expected = join(folder, `${name.replace(/\.yaml$/, "")}.txt`);
  const environment = { env: {}, readFile: (file: string) => readFileSync(file, "utf8") };
  const { diagnostics } = checkConfig(path, components, environment);
  const text = `${renderDiagnostics(diagnostics).replaceAll(`${root}/`, "")}\n`;
  if (process.env.UPDATE || !existsSync(expected)) writeFileSync(expected, text);
  expect(text).toBe(readFileSync(expected, "utf8"));
  expect(diagnostics.length).toBeGreaterThan(0);
});

test("the config with ten mistakes has ten, all of them placed", () => {
  const path = relative(process.cwd(), join(folder, "ten-mistakes.yaml"));
  const { diagnostics } = checkConfig(path, components, { env: {}, readFile: (file) => readFileSync(file, "utf8") });
  expect(diagnostics).toHaveLength(10);
  expect(diagnostics.map(({ place }) => place?.file)).toEqual(Array(10).fill(path));
});
