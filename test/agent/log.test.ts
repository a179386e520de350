import { expect, test } from "vitest";
import { Log } from "../../src/agent/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { FakeClock } from "../support/fake-clock.ts";

function start(format: "logfmt" | "json" = "logfmt") {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = new Log((line) => lines.push(line), clock);
  log.configure({ level: "info", format });
  return { log, clock, take: () => lines.splice(0) };
}

test("writes one logfmt line an event, quoting only what needs it", () => {
  const { log, take } = start();
  const error = new Error("cannot scrape", { cause: new Error("connection refused") });
  log
    .logger({ component: "prometheus.scrape.x" })
    .warn("scrape failed", { url: "http://h/?a=b", n: 3, error, list: [1] });
  log.logger().info("two\nlines", { empty: "", absent: undefined });
  expect(take()).toEqual([
    'ts=2026-01-01T00:00:00.000Z level=warn msg="scrape failed" component=prometheus.scrape.x url="http://h/?a=b" n=3 error="cannot scrape: connection refused" list=[1]',
    'ts=2026-01-01T00:00:00.000Z level=info msg="two\\nlines" empty=""',
  ]);
});

test("writes JSON when asked, and never a secret", () => {
  const { log, take } = start("json");
  log.logger({ component: "c" }).error("refused", { error: new Error("no"), password: new Secret("hunter2") });
  expect(take()).toEqual([
    '{"ts":"2026-01-01T00:00:00.000Z","level":"error","msg":"refused","component":"c","error":"no","password":"<secret>"}',
  ]);
});

test("leaves out what is below the level, and counts it all the same", () => {
  const { log, take } = start();
  log.logger().debug("hidden");
  log.logger().error("shown");
  expect(take()).toEqual(["ts=2026-01-01T00:00:00.000Z level=error msg=shown"]);
  expect(log.lines).toEqual({ debug: 1, info: 0, warn: 0, error: 1 });
});

test("counts a line that says the same again within a minute instead of printing it", async () => {
  const { log, clock, take } = start();
  const logger = log.logger();
  for (let n = 0; n < 5; n++) logger.warn("target down", { url: "http://a/" });
  logger.warn("target down", { url: "http://b/" });
  expect(take()).toHaveLength(2);
  await clock.advance(60_000);
  logger.warn("target down", { url: "http://a/" });
  expect(take()).toEqual(['ts=2026-01-01T00:01:00.000Z level=warn msg="target down" url=http://a/ repeated=4']);
});
