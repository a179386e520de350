import { expect, test } from "vitest";
import { converted, convertedFixture, mistakesIn } from "../../../support/converted.ts";

test("the config of an agent becomes scrapes, discoveries and remote_write with the same settings", () => {
  const { yaml, errors, expected } = convertedFixture("prometheus", "agent.yml");
  expect(yaml).toBe(expected);
  expect(errors).toEqual(["68: gce_sd_configs: there is no discovery.gce"]);
  expect(mistakesIn(yaml)).toBe("");
});

test("what only a server can do is left out and said, and files of jobs are taken in", () => {
  const { yaml, errors, expected } = convertedFixture("prometheus", "server.yml");
  expect(yaml).toBe(expected);
  expect(errors).toHaveLength(3);
  expect(mistakesIn(yaml)).toBe("");
});

test("what is switched off, or is the server's business alone, is no error", () => {
  const { yaml, errors } = converted(
    "prometheus",
    `
global: { evaluation_interval: 1m, query_log_file: q.log }
rule_files: []
alerting: {}
storage: { tsdb: { out_of_order_time_window: 30m } }
scrape_configs:
  - job_name: a
    enable_http2: true
    static_configs: [{ targets: ["a:1"] }]
remote_write: [{ url: "http://r/w", round_robin_dns: true }]
`,
  );
  expect(errors).toEqual([]);
  expect(yaml.match(/^# Note.*/gm)).toEqual([
    "# Note, line 2: evaluation_interval: Sonde evaluates no rules",
    "# Note, line 2: query_log_file: Sonde answers no queries",
    "# Note, line 5: storage: samples wait in the queue of prometheus.remote_write, which has bounds of its own",
    "# Note, line 8: enable_http2: HTTP/1.1 is spoken, which every server understands",
    "# Note, line 10: endpoints.round_robin_dns: connections are renewed every few minutes, and follow DNS then",
  ]);
});

test("the treatment of classic histograms is taken over, of a job before that of all jobs", () => {
  const { yaml, errors } = converted(
    "prometheus",
    `
global: { convert_classic_histograms_to_nhcb: true, always_scrape_classic_histograms: true }
scrape_configs:
  - job_name: a
    static_configs: [{ targets: ["a:1"] }]
  - job_name: b
    convert_classic_histograms_to_nhcb: false
    always_scrape_classic_histograms: false
    static_configs: [{ targets: ["b:1"] }]
remote_write: [{ url: "http://r/w", protobuf_message: io.prometheus.write.v2.Request }]
`,
  );
  expect([errors, mistakesIn(yaml)]).toEqual([[], ""]);
  const [a = "", b = ""] = yaml.split("prometheus.scrape.b:");
  expect(a).toContain(
    "  convert_classic_histograms_to_nhcb: true\n  scrape_native_histograms: true\n  scrape_classic_histograms: true\n",
  );
  expect(b).toContain("  convert_classic_histograms_to_nhcb: false\n  scrape_classic_histograms: false\n");
  expect(b).not.toContain("scrape_native_histograms");
  expect(yaml.match(/^# Note.*/gm)).toEqual([
    "# Note, line 2: convert_classic_histograms_to_nhcb: it needs scrape_native_histograms, and an endpoint with " +
      "protobuf_message: io.prometheus.write.v2.Request",
  ]);
});

test("values keep their meaning: references to outside are none in prometheus.yml, but in external_labels", () => {
  const { yaml } = converted(
    "prometheus",
    `
global: { external_labels: { a: "$A-\${B}-\${env:C}-$$" } }
scrape_configs:
  - job_name: "\${env:JOB}"
    static_configs: [{ targets: ["a:1"], labels: { version: 1.10, on: "true" } }]
remote_write: [{ url: "http://r/w" }]
`,
  );
  expect(yaml).toContain("a: ${env:A:-}-${env:B:-}--$\n");
  expect(yaml).toContain("prometheus.scrape._env_JOB_:\n  job_name: $${env:JOB}\n");
  expect(yaml).toContain('version: "1.10"\n');
  expect(yaml).toContain('on: "true"\n');
  expect(mistakesIn(yaml)).toBe("");
});

test("a file that is no YAML is answered with the place", () => {
  expect(converted("prometheus", "scrape_configs: [").diagnostics).toContain("/etc/other/prometheus:1:18");
});

test("two addresses at one host are told apart by a name", () => {
  const { yaml } = converted(
    "prometheus",
    `
scrape_configs: [{ job_name: a, static_configs: [{ targets: ["a:1"] }] }]
remote_write: [{ url: "http://r/one" }, { url: "http://r/two" }]
`,
  );
  expect(yaml).toContain("    - url: http://r/one\n    - name: r_2\n      url: http://r/two\n");
  expect(mistakesIn(yaml)).toBe("");
});
