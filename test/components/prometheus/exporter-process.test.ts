import { expect, test } from "vitest";
import { prometheusExporterProcess } from "../../../src/components/prometheus/exporter-process.ts";
import type { Signal } from "../../../src/signals/receiver.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { FakeProc } from "../../engines/processes/fake-proc.ts";
import { harness } from "../../support/component-harness.ts";
import { tempDir } from "../../support/temp-dir.ts";

function problems(config: object): string[] {
  const { error } = prometheusExporterProcess.config.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

async function running(config: object) {
  const groups: TargetGroup[] = [];
  const output = { receive: async (batch: Signal) => void groups.push(...(batch as unknown as TargetGroup[])) };
  const stop = new AbortController();
  const component = harness(prometheusExporterProcess, config, output as never);
  const done = component.running.run?.(stop.signal);
  await Promise.resolve();
  const end = async () => {
    stop.abort();
    await done;
  };
  return { ...component, target: groups[0]!.targets[0]!, [Symbol.asyncDispose]: end };
}

test("it offers groups of processes as a target of Alloy's job", async () => {
  using dir = tempDir();
  const proc = new FakeProc(dir.path);
  proc.set(10, { comm: "web", cmdline: ["/usr/bin/web", "-x"] });
  proc.set(11, { comm: "kworker", cmdline: [] });
  await using one = await running({ procfs_path: dir.path });
  expect(one.target.job).toBe("integrations/process");
  const families = await one.target.gather?.({});
  expect(families?.find(({ name }) => name.endsWith("num_procs"))?.samples).toEqual([
    { name: "namedprocess_namegroup_num_procs", labels: ["groupname", "web"], value: 1 },
  ]);
  expect(one.health()).toEqual({ state: "healthy" });
  expect(one.running.debug?.()).toEqual({ groups: { web: 1 } });
});

test("without a /proc it is unhealthy and says what to look at", async () => {
  await using one = await running({ procfs_path: "/nonexistent" });
  await expect(one.target.gather?.({})).rejects.toThrow("ENOENT");
  expect(one.health()).toMatchObject({ state: "unhealthy", reason: expect.stringContaining("check procfs_path") });
});

test("a mistake in a matcher is told with its place", () => {
  expect(problems({ matchers: [{ name: "x" }] })).toEqual([
    "matchers.0: a matcher needs at least one of comm, exe and cmdline",
  ]);
  expect(problems({ matchers: [{ name: "{{.Exe}}", comm: ["a"] }] })).toEqual([
    "matchers.0.name: not a name: `{{.Exe}}` is unknown; there are {{.Comm}}, {{.ExeBase}}, {{.ExeFull}}, {{.Username}}, {{.PID}}, {{.StartTime}}, {{.Cgroups}} and {{.Matches.<name>}}",
  ]);
  expect(problems({ matchers: [{ name: "{{.Comm", comm: ["a"] }] })).toEqual([
    "matchers.0.name: not a name: `{{` is not closed",
  ]);
  expect(problems({ matchers: [{ cmdline: ["("] }] })).toEqual([
    "matchers.0.cmdline.0: not a regular expression (RE2): error parsing regexp: missing closing ): `(`",
  ]);
});
