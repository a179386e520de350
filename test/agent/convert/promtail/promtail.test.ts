import { expect, test } from "vitest";
import { converted, convertedFixture, mistakesIn } from "../../../support/converted.ts";

test("sources, pipelines and clients become components of logs", () => {
  const { yaml, errors, expected } = convertedFixture("promtail", "promtail.yml");
  expect(yaml).toBe(expected);
  expect(errors).toEqual([
    "125: kafka: there is no such source of logs",
    "129: limits_config: say a limit in loki.process, with the stage limit",
  ]);
  expect(mistakesIn(yaml)).toBe("");
});

test("without clients nothing is sent, which is said", () => {
  const text = "scrape_configs: [{ job_name: a, journal: {} }]\npositions: { filename: p.yml }\n";
  expect(converted("promtail", text).errors).toEqual(["1: there are no clients; say where the logs are to be sent"]);
});

test("variables have defaults, and what is no name of one is left alone", () => {
  const { yaml } = converted(
    "promtail",
    `
client: { url: "http://\${LOKI_HOST:localhost}:3100/loki/api/v1/push" }
scrape_configs:
  - job_name: a
    static_configs: [{ labels: { __path__: /a, b: "\${c} \${env:D} $E" } }]
`,
  );
  expect(yaml).toContain("url: http://${env:LOKI_HOST:-localhost}:3100/loki/api/v1/push\n");
  expect(yaml).toContain("b: ${c} $${env:D} $E\n");
});
