import { once } from "node:events";
import { appendFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { dashboardJson } from "../../packaging/grafana/dashboard.ts";
import { dashboards } from "../../packaging/grafana/dashboards.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import { fakeBus } from "../support/fake-bus.ts";
import { fakeJournalctl, journalEntry } from "../support/fake-journalctl.ts";
import { fakeSystemd } from "../support/fake-systemd.ts";
import { freePort } from "../support/http-server.ts";
import { startReceiver } from "../support/receiver.ts";
import { type Prometheus, promtool, startPrometheus } from "../support/servers.ts";
import { root, startSonde } from "../support/sonde.ts";
import { type StrictLoki, startStrictLoki } from "../support/strict-loki.ts";
import { tempDir } from "../support/temp-dir.ts";

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly { readonly record?: string; readonly expr: string }[] }[];
}

const folder = join(root, "packaging/prometheus");
const ruleFiles = globSync("*.yaml", { cwd: folder }).toSorted();
const rules = ruleFiles.flatMap((file) => (parse(readFileSync(join(folder, file), "utf8")) as RuleFile).groups);
const recorded = new Set(rules.flatMap((group) => group.rules.flatMap(({ record }) => record ?? [])));
const ruleQueries = rules.flatMap((group) => group.rules.map(({ expr }) => expr));
const panels = Object.values(dashboards).flatMap(({ rows }) => rows.flatMap((row) => row.panels));
const panelQueries = panels
  .filter((panel) => panel.of === "metrics")
  .flatMap(({ queries }) => queries.map(([expr]) => expr));

test("the dashboards are those that their values say (npm run dashboards)", () => {
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const text = readFileSync(join(root, "packaging/grafana", name), "utf8");
    expect(text).toBe(`${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`);
  }
});

test("panels lie side by side, and none over another", () => {
  for (const dashboard of Object.values(dashboards)) {
    const taken = new Set<string>();
    const { panels } = dashboardJson(dashboard) as { panels: { gridPos: Record<"x" | "y" | "w" | "h", number> }[] };
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  }
});

await describeWithServers("rules and dashboards", ["prometheus", "promtool"], () => {
  test("promtool finds no mistake in the rules, and their unit tests pass", async () => {
    const files = ruleFiles.map((file) => join(folder, file));
    expect(await promtool(["check", "rules", "--lint=all", "--lint-fatal", ...files])).toMatchObject({ code: 0 });
    const tests = globSync("tests/*.yaml", { cwd: folder });
    expect(tests).toHaveLength(ruleFiles.length);
    const exit = await promtool(["test", "rules", ...tests.map((file) => join(folder, file))]);
    expect(exit).toMatchObject({ code: 0, stderr: "" });
  });

  test("every alert has a unit test", () => {
    const tested = globSync("tests/*.yaml", { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"));
    const alerts = ruleFiles.flatMap((file) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/- alert: (\w+)/g)].map(([, name]) => name),
    );
    expect(alerts.length).toBeGreaterThan(20);
    for (const alert of alerts) expect(tested.join(), alert).toMatch(new RegExp(`alertname: ${alert}\\b`));
  });

  test("a Prometheus that a Sonde sends to has every metric of the rules, and something for every panel", async () => {
    await using prometheus = await startPrometheus();
    await using fussy = await startReceiver();
    await using loki = await startStrictLoki();
    await using bus = await fakeBus({ answer: fakeSystemd() });
    using journalctl = fakeJournalctl();
    using dir = tempDir();
    const config = join(dir.path, "sonde.yaml");
    const syslog = await freePort();
    writeFileSync(config, configFor(prometheus.url, fussy.url) + configForLogs(loki.url, syslog));
    const path = `${journalctl.path}:${process.env.PATH}`;
    await using _sonde = await startSonde(config, { DBUS_SYSTEM_BUS_ADDRESS: bus.address, PATH: path });
    await causeEveryLogMetric(dir.path, syslog, journalctl, loki);
    await allAnswered(prometheus, ["loki_write_dropped_entries_total > 0"]);
    loki.answer({ status: 503 });
    appendFileSync(join(dir.path, "app.log"), "a line more\n");
    await allAnswered(prometheus, ["loki_write_batch_retries_total > 0"]);
    loki.answer();
    // It has to take something first: an endpoint that never took anything is only asked again.
    await fussy.sampleCount(1);
    fussy.answer({ status: 400 });
    await allAnswered(prometheus, ["prometheus_remote_storage_samples_failed_total > 0"]);
    fussy.answer({ status: 503 });
    await allAnswered(prometheus, ["prometheus_remote_storage_samples_retried_total > 0"]);
    fussy.answer({ status: 204 });

    const metrics = [...new Set(ruleQueries.flatMap(metricsOf))].filter((name) => !recorded.has(name));
    expect(metrics.length).toBeGreaterThan(25);
    await allAnswered(prometheus, metrics);
    await allAnswered(prometheus, panelQueries.map(filledIn));
  }, 120_000);
});

function configFor(prometheus: string, fussy: string): string {
  const metal = join(root, "test/fixtures/host-metal");
  return `
prometheus.exporter.unix.host: { enable_collectors: [systemd] }
prometheus.exporter.unix.metal: { procfs_path: ${metal}/proc, sysfs_path: ${metal}/sys, set_collectors: [mdadm] }
prometheus.exporter.self.agent: {}
prometheus.scrape.all:
  targets: [prometheus.exporter.unix.host, prometheus.exporter.unix.metal, prometheus.exporter.self.agent]
  scrape_interval: 1s
  scrape_timeout: 1s
  forward_to: [prometheus.remote_write.central]
prometheus.remote_write.central:
  queue_config: { batch_send_deadline: 200ms }
  endpoints:
    - url: ${prometheus}/api/v1/write
    - url: ${fussy}
      write_relabel_rules:
        - { source_labels: [__name__], regex: node_.*, action: drop }
`;
}

/** The folder of the config has the files that are read. */
function configForLogs(loki: string, syslog: number): string {
  return `
loki.source.file.app: { paths: ["*.log"], forward_to: [loki.process.app] }
loki.source.journal.system: { labels: { job: journal }, forward_to: [loki.process.app] }
loki.source.syslog.network:
  listeners: [{ address: "127.0.0.1:${syslog}", labels: { job: syslog } }]
  relabel_rules: [{ source_labels: [__syslog_message_app_name], regex: noise, action: drop }]
  forward_to: [loki.process.app]
loki.process.app:
  stages: [{ drop: { expression: debug } }]
  forward_to: [loki.write.central]
loki.write.central:
  batch_wait: 100ms
  endpoints: [{ url: "${loki}", max_backoff_period: 1s }]
`;
}

/**
 * Lines that are taken, dropped by a stage, by a rule of syslog, and by Loki, which refuses what is older than a week. It has
 * to take something first, too.
 */
async function causeEveryLogMetric(
  folder: string,
  syslog: number,
  journalctl: ReturnType<typeof fakeJournalctl>,
  loki: StrictLoki,
): Promise<void> {
  appendFileSync(join(folder, "app.log"), "a line\na line for debugging: debug\n");
  await loki.entryCount(1);
  const ofLongAgo = journalEntry(1, ["MESSAGE", "of long ago"]);
  journalctl.write(ofLongAgo, journalEntry(1, ["UNIT", "without a message"]));
  const messages = ["1 - host noise - - - left out", "1 - host app - - - taken"].map((text) => `<13>${text}\n`);
  await eventually(async () => {
    const socket = connect(syslog, "127.0.0.1");
    await once(socket, "connect");
    await once(socket.end(messages.join("")).resume(), "close");
  });
}

/** Resolves when no query's answer is empty; says which are, when time is up. */
async function allAnswered(prometheus: Prometheus, queries: readonly string[]): Promise<void> {
  let left = queries;
  await eventually(async () => {
    const answers = await Promise.all(left.map((query) => prometheus.query(query)));
    left = left.filter((_, index) => answers[index]?.length === 0);
    expect(left).toEqual([]);
  }, 30_000);
}

function filledIn(expr: string): string {
  return expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*");
}

/** The names of metrics in PromQL: words that are neither in braces or quotes, nor functions, keywords or labels. */
function metricsOf(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, " ")
    .replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, " ");
  const words = bare.match(/\b[a-zA-Z_:][\w:]*\b(?!\s*\()/g) ?? [];
  return words.filter((word) => !/^(and|or|unless|offset|group|min|max|sum|avg|count)$/.test(word));
}
