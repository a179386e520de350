import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { convertFixtures } from "../support/converted.ts";
import { eventually } from "../support/eventually.ts";
import { runProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";
import { root, sonde, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

test("convert prints YAML, what has no equal on standard error, and exits with 1 unless it is told otherwise", async () => {
  const path = join(convertFixtures, "prometheus/server.yml");
  const converted = await sonde(["convert", "--from", "prometheus", path]).exited;
  expect(converted.code).toBe(1);
  expect(converted.stdout).toContain("# NOT CONVERTED, server.yml line 6: rule_files:");
  expect(converted.stderr).toMatch(/error: rule_files: .*\n.*server\.yml:6:1\n/);
  expect(converted.stderr).toContain("3 errors");
  const bypassed = await sonde(["convert", "--from=prometheus", "--bypass-errors", path]).exited;
  expect({ code: bypassed.code, stdout: bypassed.stdout }).toEqual({ code: 0, stdout: converted.stdout });
});

test("convert reads standard input, and says what is wrong with its command line", async () => {
  const input = readFileSync(join(convertFixtures, "node_exporter/defaults.env"), "utf8");
  const { code, stdout } = await runProcess(join(root, "bin/sonde"), ["convert", "--from", "node_exporter"], { input });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# Made from standard input by sonde convert\.\n\nprometheus\.exporter\.unix\.host:\n/);
  expect((await sonde(["convert", "/none"]).exited).code).toBe(2);
  const missing = await sonde(["convert", "--from", "alloy", "/none"]).exited;
  expect({ code: missing.code, stderr: missing.stderr.split(":")[0] }).toEqual({
    code: 1,
    stderr: "cannot read /none",
  });
});

test("run takes a config.alloy, and its samples arrive", async () => {
  await using receiver = await startReceiver();
  using dir = tempDir();
  const path = join(dir.path, "config.alloy");
  writeFileSync(
    path,
    `
declare "self" {
	argument "to" { }

	prometheus.exporter.self "me" { }

	prometheus.scrape "me" {
		targets         = prometheus.exporter.self.me.targets
		scrape_interval = "1s"
		scrape_timeout  = "1s"
		forward_to      = [argument.to.value]
	}
}

self "agent" {
	to = prometheus.remote_write.central.receiver
}

prometheus.remote_write "central" {
	external_labels = { from = coalesce(sys.env("SONDE_TEST_FROM"), "nobody") }

	endpoint {
		url = "${receiver.url}"
	}
}
`,
  );
  await using agent = await startSonde(path, { SONDE_TEST_FROM: "alloy" });
  await eventually(() =>
    expect(receiver.samples.join("\n")).toMatch(/^up\{.*from="alloy".*job="integrations\/self".* 1 /m),
  );
  const { data } = (await (await fetch(`${agent.url}/api/v1/components`)).json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id).toSorted()).toEqual([
    "prometheus.exporter.self.agent_me",
    "prometheus.remote_write.central",
    "prometheus.scrape.agent_me",
  ]);
});

test("run and check refuse another agent's config that has no equal, unless it is bypassed", async () => {
  using dir = tempDir();
  const path = join(dir.path, "prometheus.yml");
  const job = 'scrape_configs: [{ job_name: a, static_configs: [{ targets: ["a:1"] }] }]\n';
  writeFileSync(path, `rule_files: [r.yml]\n${job}remote_write: [{ url: "http://127.0.0.1:9/w" }]\n`);
  const storage = `--storage.path=${dir.path}`;
  const refused = await sonde(["run", path, storage, "--http.listen-address=127.0.0.1:0"]).exited;
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("prometheus.yml:1:1");
  expect((await sonde(["check", path]).exited).code).toBe(1);
  const { code, stdout } = await sonde(["check", "--bypass-errors", path]).exited;
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${path} is valid: 2 components.\n` });
});

test("check compares what two configs scrape", async () => {
  using dir = tempDir();
  const write = (name: string, text: string) => {
    writeFileSync(join(dir.path, name), text);
    return join(dir.path, name);
  };
  const job = (target: string) => `scrape_configs: [{ job_name: a, static_configs: [{ targets: ["${target}"] }] }]\n`;
  const old = write("prometheus.yml", `${job("a:1")}rule_files: [r.yml]\n`);
  const scrape = (target: string) => `
prometheus.scrape.a: { job_name: a, static_configs: [{ targets: ["${target}"] }], forward_to: [prometheus.echo.b] }
prometheus.echo.b: {}
`;
  const same = await sonde(["check", write("same.yaml", scrape("a:1")), "--diff-targets", old]).exited;
  expect({ code: same.code, stdout: same.stdout.split("\n").slice(1).join("\n") }).toEqual({
    code: 0,
    stdout: "1 targets and discoveries, and they are the same.\n",
  });
  const other = await sonde(["check", write("other.yaml", scrape("b:1")), "--diff-targets", old]).exited;
  expect(other.code).toBe(1);
  expect(other.stdout.split("\n").slice(1)).toEqual([
    '- http://a:1/metrics {instance="a:1", job="a"}',
    '+ http://b:1/metrics {instance="b:1", job="a"}',
    "",
    "- only in the old config, + only in the new one, ~ scraped in another way",
    "",
  ]);
  expect(
    (await sonde(["check", join(dir.path, "same.yaml"), "--diff-targets", join(dir.path, "none")]).exited).code,
  ).toBe(1);
});
