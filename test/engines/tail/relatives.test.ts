import { expect, test } from "vitest";
import { namesBeforeRotation } from "../../../src/engines/tail/relatives.ts";

test.each([
  ["app.log.1", ["app.log"]],
  ["app.log.12.gz", ["app.log", "app.log.12"]],
  ["app.log-20260101", ["app.log"]],
  ["app.log-20260101.zst", ["app.log", "app.log-20260101"]],
  ["app-20260101.log", ["app.log"]],
  ["app.1.log", ["app.log"]],
  ["app-2026-01-01T00:00:00.log", ["app.log"]],
  ["app.log.old", ["app.log"]],
  ["app.log.gz", ["app.log"]],
  ["syslog.1", ["syslog"]],
])("%s may have been %j", (name, names) => {
  expect(namesBeforeRotation(name)).toEqual(expect.arrayContaining(names));
});

test.each(["app.log", "app.log.tmp", "app.log.swp", "application.log", "app.logs"])("%s was never another", (name) => {
  expect(namesBeforeRotation(name)).toEqual([]);
});
