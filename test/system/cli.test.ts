import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { runProcess } from "../support/process.ts";
import { root, sonde } from "../support/sonde.ts";

test("prints its version, and help that shows every command", async () => {
  expect(await sonde(["--version"]).exited).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
  const { code, stdout } = await sonde(["--help"]).exited;
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /run .*\n *check .*\n *reload .*\n *convert .*\n *components .*\n *schema .*\n *test .*\n *tools /,
  );
});

test("a wrong command line is exit code 2, with a hint", async () => {
  const { code, stdout, stderr } = await sonde(["rum"]).exited;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("Did you mean run?");
  expect((await sonde(["run", "--http.listen-address", "nonsense"]).exited).code).toBe(2);
});

test("check finds every mistake of a bad config, as text and as JSON", async () => {
  const path = "test/configs/bad/ten-mistakes.yaml";
  const text = await sonde(["check", path]).exited;
  expect({ code: text.code, stdout: text.stdout }).toEqual({ code: 1, stdout: "" });
  expect(text.stderr).toContain("10 errors");
  const json = await sonde(["check", path, "--format=json"]).exited;
  expect(json.code).toBe(1);
  const mistakes = JSON.parse(json.stdout) as { place: { line: number } }[];
  expect(mistakes).toHaveLength(10);
  expect(mistakes.every(({ place }) => place.line > 0)).toBe(true);
});

test("check accepts every config that is shipped", async () => {
  for (const name of ["quickstart.yaml", "agent.yaml"]) {
    const { code, stdout } = await sonde(["check", `configs/${name}`]).exited;
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^configs\/.* is valid: \d+ components\.\n$/),
    });
  }
});

test("components lists the types and explains one; schema is the file that is shipped", async () => {
  expect((await sonde(["components"]).exited).stdout).toMatch(/^prometheus\.scrape +targets -> metrics +/m);
  expect((await sonde(["components", "prometheus.scrape"]).exited).stdout).toContain("scrape_interval");
  expect(await sonde(["components", "prometheus.scrap"]).exited).toMatchObject({
    code: 1,
    stderr: "there is no component type `prometheus.scrap`; did you mean `prometheus.scrape`?\n",
  });
  const { stdout } = await sonde(["schema"]).exited;
  expect(stdout).toBe(readFileSync(join(root, "configs/sonde.schema.json"), "utf8"));
});

test("a reader that closes the pipe early is no failure", async () => {
  const command = "bin/sonde schema | head -n 1; bin/sonde schema | head -n 1";
  const { stdout, stderr } = await runProcess("sh", ["-c", command], { cwd: root });
  expect({ stdout, stderr }).toEqual({ stdout: "{\n{\n", stderr: "" });
});
