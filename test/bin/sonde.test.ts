import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProcess, TestProcess } from "../support/process.ts";
import { tempDir } from "../support/temp-dir.ts";

const root = join(import.meta.dirname, "../..");

test("the command works through symbolic links, from any folder, and passes its arguments on", async () => {
  using dir = checkout("console.log(import.meta.filename, JSON.stringify(process.argv.slice(2)));");
  symlinkSync(join(dir.path, "bin/sonde"), join(dir.path, "first"));
  mkdirSync(join(dir.path, "elsewhere"));
  symlinkSync("../first", join(dir.path, "elsewhere/second"));
  expect(await runProcess("elsewhere/second", ["run", "two words"], { cwd: dir.path })).toMatchObject({
    code: 0,
    stdout: `${dir.path}/src/main.ts ["run","two words"]\n`,
    stderr: "",
  });
});

test("the command runs on the pinned Node, which warns of nothing", async () => {
  using dir = checkout("const version: string = process.version; console.log(version);");
  const { stdout, stderr } = await runProcess(join(dir.path, "bin/sonde"), []);
  expect({ stdout, stderr }).toEqual({ stdout: `${process.version}\n`, stderr: "" });
});

test("the command becomes the agent: signals reach it, and its exit code is the command's", async () => {
  using dir = checkout(`
    process.on("SIGHUP", () => process.exit(7));
    console.log("pid", process.pid);
    setInterval(() => {}, 1000);
  `);
  await using sonde = new TestProcess(join(dir.path, "bin/sonde"), ["run"]);
  await sonde.output(new RegExp(`^pid ${sonde.pid}$`, "m"));
  sonde.kill("SIGHUP");
  expect(await sonde.exited).toMatchObject({ code: 7, signal: null });
});

test("a checkout without its packages says what to do", async () => {
  using dir = tempDir();
  cpSync(join(root, "bin/sonde"), join(dir.path, "bin/sonde"));
  expect(await runProcess(join(dir.path, "bin/sonde"), ["run"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: `sonde: cannot start: ${dir.path}/node_modules/node/bin/node is missing; run 'npm ci' in ${dir.path} first\n`,
  });
});

/** A checkout whose program is `main`. */
function checkout(main: string) {
  const dir = tempDir();
  cpSync(join(root, "bin/sonde"), join(dir.path, "bin/sonde"));
  symlinkSync(join(root, "node_modules"), join(dir.path, "node_modules"));
  mkdirSync(join(dir.path, "src"));
  writeFileSync(join(dir.path, "package.json"), '{ "type": "module" }');
  writeFileSync(join(dir.path, "src/main.ts"), main);
  return dir;
}
