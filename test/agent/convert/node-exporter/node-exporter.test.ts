import { expect, test } from "vitest";
import { converted, convertedFixture, mistakesIn } from "../../../support/converted.ts";

test("the flags of /etc/default become an exporter and the page that it had", () => {
  const { yaml, errors, expected } = convertedFixture("node_exporter", "defaults.env");
  expect(yaml).toBe(expected);
  expect(errors).toEqual([]);
  expect(mistakesIn(yaml)).toBe("");
});

test("of a unit file the command of ExecStart is read, and flags that there are not are named with their line", () => {
  const { yaml, errors, expected } = convertedFixture("node_exporter", "node.service");
  expect(yaml).toBe(expected);
  expect(errors).toEqual([
    "9: --collector.perf: the collector perf is not available in sonde: remove --collector.perf",
    "12: --collector.imaginary: unknown long flag '--collector.imaginary'",
  ]);
  expect(mistakesIn(yaml)).toBe("");
});

test("no flags at all are node_exporter's defaults", () => {
  expect(converted("node_exporter", "").yaml).toBe(`# Made from node_exporter by sonde convert.

prometheus.exporter.unix.host: {}

prometheus.expose.node_exporter:
  targets: [prometheus.exporter.unix.host]
  listen_address: :9100
`);
});

test("a socket of systemd is refused", () => {
  expect(converted("node_exporter", "node_exporter --web.systemd-socket").errors).toHaveLength(1);
});
