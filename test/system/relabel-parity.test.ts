import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { relabelLine } from "../../src/agent/relabel-lines.ts";
import { relabel } from "../../src/formats/relabel/apply.ts";
import { compileRule } from "../../src/formats/relabel/compile.ts";
import { labelRecord, labelsFrom } from "../../src/signals/labels.ts";
import { type RelabelRule, relabelActions } from "../../src/signals/relabel-rule.ts";
import { anyLabels, anyRule } from "../formats/relabel/rules.ts";
import { relabelSlowly } from "../reference/relabel.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { promtool, startPrometheus } from "../support/servers.ts";
import { tempDir } from "../support/temp-dir.ts";

type Record_ = Readonly<Record<string, string>>;

interface Targets {
  readonly activeTargets: readonly { readonly discoveredLabels: Record_; readonly labels: Record_ }[];
  readonly droppedTargets: readonly { readonly discoveredLabels: Record_ }[];
}

const jobs = 120;
const targetsPerJob = 60;

/**
 * Random rules and label sets, relabelled by the real Prometheus and by the engine. A target has its number as a label
 * that the API shows among the discovered ones, whatever the rules do to it.
 */
await describeWithServers("relabeling beside a real Prometheus", ["prometheus"], () => {
  test("thousands of random label sets under random rules come out the same", async () => {
    using dir = tempDir();
    const seed = 20_260_101;
    const ruleLists = fc.sample(fc.array(anyRule, { minLength: 1, maxLength: 4 }), { numRuns: jobs, seed });
    const labelSets = fc.sample(anyLabels, { numRuns: jobs * targetsPerJob, seed }).map(labelRecord);
    const rulesOf = ruleLists.map((rules) => rules.map(tame));
    const config = rulesOf.map((rules, job) => {
      const file = join(dir.path, `${job}.json`);
      const sets = labelSets.slice(job * targetsPerJob, (job + 1) * targetsPerJob);
      writeFileSync(file, JSON.stringify(sets.map((labels, at) => group(labels, `${job}-${at}`))));
      return { job_name: `job${job}`, file_sd_configs: [{ files: [file] }], relabel_configs: rules.map(spelled) };
    });
    const prometheusYml = { global: { scrape_interval: "24h" }, scrape_configs: config };
    await using prometheus = await startPrometheus({ config: JSON.stringify(prometheusYml) });
    const expected = new Map(
      labelSets.map((labels, at) => {
        const job = Math.floor(at / targetsPerJob);
        const id = `${job}-${at % targetsPerJob}`;
        return [id, outcome(rulesOf[job] ?? [], { ...discovered(dir.path, job), ...labels, __id: id })] as const;
      }),
    );
    const wanted = [...expected.values()].filter((value) => value !== "invalid").length;
    const { activeTargets, droppedTargets } = await eventually(async () => {
      const response = await fetch(`${prometheus.url}/api/v1/targets`);
      const { data } = (await response.json()) as { data: Targets };
      expect(data.activeTargets.length + data.droppedTargets.length).toBeGreaterThanOrEqual(wanted);
      return data;
    });
    const actual = new Map<string, unknown>(
      droppedTargets.map(({ discoveredLabels }) => [discoveredLabels.__id ?? "", "dropped"]),
    );
    for (const { discoveredLabels, labels } of activeTargets) actual.set(discoveredLabels.__id ?? "", labels);
    for (const [id, want] of expected) expect(actual.get(id) ?? "invalid", describe(id)).toEqual(want);
    expect([...actual.values()].filter((value) => typeof value === "object").length).toBeGreaterThan(2_000);

    function describe(id: string): string {
      const [job = 0, at = 0] = id.split("-").map(Number);
      return JSON.stringify({ labels: labelSets[job * targetsPerJob + at], rules: rulesOf[job]?.map(spelled) });
    }
  }, 120_000);
});

await describeWithServers("the spelling of rules beside a real promtool", ["promtool"], () => {
  test("rules that Prometheus refuses are refused, and no others", async () => {
    using dir = tempDir();
    const path = join(dir.path, "prometheus.yml");
    const differing: object[] = [];
    for (const given of fc.sample(anySpelling, { numRuns: 150, seed: 20_260_101 })) {
      writeFileSync(path, JSON.stringify({ scrape_configs: [{ job_name: "x", relabel_configs: [given] }] }));
      const { code } = await promtool(["check", "config", "--syntax-only", path]);
      const answer = relabelLine(JSON.stringify({ labels: { a: "1" }, rules: [given] }), 1, { explain: false });
      if ((code === 0) === "error" in answer) differing.push({ given, code, answer });
    }
    expect(differing).toEqual([]);
  }, 120_000);
});

/** Any mixture of what belongs into a rule and what does not. */
const anySpelling = fc.record(
  {
    action: fc.constantFrom(...relabelActions, ...relabelActions, "Replace", "KEEP", "nope", " keep", "", null),
    source_labels: fc.constantFrom<unknown>(["a"], ["a", "é"], [], null, [""], "a", [1], [null], [["a"]]),
    separator: fc.constantFrom<unknown>(";", ",", "", null, 1, true),
    regex: fc.constantFrom<unknown>("(.*)", "a", null, "", 1, 1.5, true, "a(b", "f)|(o", []),
    modulus: fc.constantFrom<unknown>(1, 8, 0, -1, 1.5, "8", null, true),
    target_label: fc.constantFrom<unknown>("x", "x", "", null, 5, "$1", "é", "${1}_x", true),
    replacement: fc.constantFrom<unknown>("$1", "", null, "x", 1, true),
  },
  { requiredKeys: ["action"] },
);

/**
 * As Prometheus takes it, and without taking the address: a target without one is none, and cannot be compared. Names
 * from labelmap do not clash: Prometheus visits the labels of a target in the random order of a Go map.
 */
function tame(rule: RelabelRule): RelabelRule {
  if (rule.action === "labelkeep") return { ...rule, regex: `__.*|${rule.regex}` };
  if (rule.action === "labelmap") return { ...rule, replacement: `${rule.replacement}_$0` };
  return rule.action.endsWith("equal") ? { ...rule, separator: ";" } : rule;
}

function group(labels: Record_, id: string): object {
  return { targets: ["127.0.0.1:1"], labels: { ...labels, __id: id } };
}

/** What a job adds before its rules. */
function discovered(dir: string, job: number): Record_ {
  return {
    __meta_filepath: join(dir, `${job}.json`),
    __address__: "127.0.0.1:1",
    __metrics_path__: "/metrics",
    __scheme__: "http",
    __scrape_interval__: "1d",
    __scrape_timeout__: "10s",
    job: `job${job}`,
  };
}

/** The labels of the target's series; `invalid` where the rules took its address. */
function outcome(rules: readonly RelabelRule[], given: Record_): Record_ | "dropped" | "invalid" {
  const labels = relabel(rules.map(compileRule), labelsFrom(given));
  expect(relabelSlowly(rules, labelsFrom(given))).toEqual(labels);
  if (labels === undefined) return "dropped";
  const record = labelRecord(labels);
  const address = record.__address__;
  if (address === undefined || record.__scrape_interval__ === undefined) return "invalid";
  const shown = Object.entries(record).filter(([name]) => !name.startsWith("__"));
  return { instance: address, ...Object.fromEntries(shown) };
}

/** As it stands in prometheus.yml: without what its action refuses. */
function spelled(rule: RelabelRule): object {
  const { action, source_labels, separator, regex, modulus, target_label, replacement } = rule;
  const source = { action, source_labels, separator };
  switch (action) {
    case "replace":
      return { ...source, regex, target_label, replacement };
    case "keep":
    case "drop":
      return { ...source, regex };
    case "keepequal":
    case "dropequal":
      return { action, source_labels, target_label };
    case "hashmod":
      return { ...source, modulus, target_label };
    case "labelmap":
      return { action, regex, replacement };
    case "labeldrop":
    case "labelkeep":
      return { action, regex };
    case "lowercase":
    case "uppercase":
      return { ...source, target_label };
  }
}
