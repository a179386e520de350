import { expect, test } from "vitest";
import type { ScrapeSettings } from "../../../src/engines/scrape/settings.ts";
import { type ScrapeTarget, scrapeTarget } from "../../../src/engines/scrape/target.ts";
import { targetRelabeling } from "../../../src/engines/scrape/target-relabeling.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import type { RelabelRule } from "../../../src/signals/relabel-rule.ts";
import { settings } from "./scrapes.ts";

function resolve(labels: Record<string, string>, changes: Partial<ScrapeSettings> = {}): ScrapeTarget {
  const resolved = scrapeTarget({ labels: labelsFrom(labels) }, { ...settings, ...changes });
  if (!("url" in resolved)) throw new Error(formatLabels(resolved.labels));
  return resolved;
}

test("series get job, instance and the labels that do not begin with __", () => {
  const f = (labels: Record<string, string>, want: string) =>
    expect(formatLabels(resolve({ __address__: "h:1", ...labels }).labels)).toBe(want);
  f({}, '{instance="h:1", job="test"}');
  f({ job: "own", instance: "i" }, '{instance="i", job="own"}');
  f({ env: "prod", __meta_x: "y", __tmp_z: "y" }, '{env="prod", instance="h:1", job="test"}');
});

test("a target keeps its own labels for scheme, path, parameters, interval and timeout", () => {
  const labels = {
    __address__: "h:1",
    __scheme__: "https",
    __metrics_path__: "/probe",
    __param_module: "icmp",
    __scrape_interval__: "1m",
    __scrape_timeout__: "30s",
  };
  const { url, intervalMs, timeoutMs } = resolve(labels, { params: { module: ["http", "tcp"], a: ["b c"] } });
  expect({ url, intervalMs, timeoutMs }).toEqual({
    url: "https://h:1/probe?a=b+c&module=icmp&module=tcp",
    intervalMs: 60_000,
    timeoutMs: 30_000,
  });
});

test("builds the URL as Go does", () => {
  const f = (path: string, params: Record<string, string[]>, want: string) =>
    expect(resolve({ __address__: "127.0.0.1" }, { metricsPath: path, params }).url).toBe(`http://127.0.0.1${want}`);
  f("/metrics", {}, "/metrics");
  f("metrics", {}, "/metrics");
  f("/a?b#c%d e", {}, "/a%3Fb%23c%25d%20e");
  f("/a:b@c,d;e=f&g$h+i", {}, "/a:b@c,d;e=f&g$h+i");
  f("/(x)*'!", {}, "/%28x%29%2A%27%21");
  f("/m", { z: ["1", "2"], a: ["x y&z~*"] }, "/m?a=x+y%26z~%2A&z=1&z=2");
  f("/m", { "match[]": ['{job="x"}'] }, "/m?match%5B%5D=%7Bjob%3D%22x%22%7D");
  f("/m", { none: [], empty: [""] }, "/m?empty=");
});

test("a target that cannot be scraped says why", () => {
  const f = (labels: Record<string, string>, want: string) =>
    expect(scrapeTarget({ labels: labelsFrom(labels) }, settings)).toEqual({
      labels: labelsFrom(labels),
      refused: want,
    });
  f({ job: "x" }, "the target has no __address__");
  f({ __address__: "http://h" }, '"http://h" is not a host and port: leave out the scheme and the path');
  f(
    { __address__: "h", __scrape_interval__: "0s" },
    'the label __scrape_interval__ is "0s", which is not a duration above 0s',
  );
  f(
    { __address__: "h", __scrape_timeout__: "soon" },
    'the label __scrape_timeout__ is "soon", which is not a duration above 0s',
  );
  f({ __address__: "h", __scrape_interval__: "1s" }, "its timeout (5s) is longer than its interval (1s)");
  f({ __address__: "h", x: "\ud800" }, 'the label "x" is not valid UTF-8');
});

test("targets are the same by all their labels and the URL, but for interval and timeout", () => {
  const f = (labels: Record<string, string>, changes: Partial<ScrapeSettings>, same: boolean) =>
    expect(resolve({ __address__: "h", ...labels }, changes).identity === resolve({ __address__: "h" }).identity).toBe(
      same,
    );
  f({}, {}, true);
  f({}, { intervalMs: 60_000, timeoutMs: 1000, honorLabels: true }, true);
  f({ env: "x" }, {}, false);
  f({ __tmp: "x" }, {}, false);
  f({ __meta_x: "y" }, {}, true);
  f({}, { metricsPath: "/other" }, false);
  f({}, { params: { a: ["b"] } }, false);
});

test("relabel rules see what the settings say, may change all of it, and may drop the target", () => {
  const rules = (...list: Partial<RelabelRule>[]) => ({ relabeling: targetRelabeling(list.map(relabelRuleOf)) });
  const probe = rules(
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["job"], target_label: "team", replacement: "of $1" },
    { target_label: "__address__", replacement: "prober:9115" },
    { target_label: "__scrape_interval__", replacement: "2m" },
    { regex: "job", action: "labeldrop" },
  );
  const { url, labels, intervalMs, discoveredLabels } = resolve({ __address__: "site" }, probe);
  expect({
    url,
    labels: formatLabels(labels),
    intervalMs,
    discovered: discoveredLabels.includes("prober:9115"),
  }).toEqual({
    url: "http://prober:9115/metrics?target=site",
    labels: '{instance="prober:9115", team="of test"}',
    intervalMs: 120_000,
    discovered: false,
  });
  const dropAll = rules({ source_labels: ["job"], regex: "test", action: "drop" });
  expect(scrapeTarget({ labels: labelsFrom({ __address__: "h:1" }) }, { ...settings, ...dropAll })).toMatchObject({
    dropped: 'rule 1 drops it: { source_labels: [job], regex: "test", action: drop }',
  });
  const noScheme = rules({ target_label: "__scheme__", replacement: "" });
  expect(scrapeTarget({ labels: labelsFrom({ __address__: "h:1" }) }, { ...settings, ...noScheme })).toMatchObject({
    refused: "its relabel rules have emptied the label __scheme__",
  });
});

function relabelRuleOf(given: Partial<RelabelRule>): RelabelRule {
  const empty = { source_labels: [], separator: ";", regex: "(.*)", modulus: 0, target_label: "", replacement: "$1" };
  return { action: "replace", ...empty, ...given };
}
