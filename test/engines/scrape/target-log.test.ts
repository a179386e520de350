import { expect, test } from "vitest";
import { TargetLog } from "../../../src/engines/scrape/target-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";
import { bad, good } from "./statuses.ts";

const down = bad("unreachable", "connection refused");

function newLog(): { log: TargetLog; clock: FakeClock; lines: () => string[] } {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const show = ({ level, message, fields }: LogLine) => `${level} ${message} ${Object.values(fields).join(" ")}`;
  return { log: new TargetLog(clock, recordingLogger(lines)), clock, lines: () => lines.splice(0).map(show) };
}

test("one line when a target begins to fail and one when it works again, not one per scrape", () => {
  const { log, lines } = newLog();
  log.note("u", good, undefined);
  log.note("u", good, good);
  expect(lines()).toEqual([]);
  log.note("u", down, good);
  log.note("u", down, down);
  log.note("u", bad("timeout", "too late"), down);
  expect(lines()).toEqual(["warn target is down u connection refused"]);
  log.note("u", good, down);
  log.note("u", good, good);
  expect(lines()).toEqual(["info target is up again u"]);
});

test("a target that is down from the start is told of", () => {
  const { log, lines } = newLog();
  log.note("u", down, undefined);
  expect(lines()).toEqual(["warn target is down u connection refused"]);
});

test("when many targets fail at once, most of them share one line", async () => {
  const { log, clock, lines } = newLog();
  for (let at = 0; at < 500; at++) log.note(`u${at}`, down, good);
  expect(lines()).toEqual([0, 1, 2, 3, 4].map((at) => `warn target is down u${at} connection refused`));
  await clock.advance(60_000);
  expect(lines()).toEqual(["warn more targets are down 495 495 unreachable (u5: connection refused)"]);

  for (let at = 0; at < 500; at++) log.note(`u${at}`, good, down);
  log.note("u499", down, good);
  await clock.advance(60_000);
  expect(lines()).toEqual([
    ...[0, 1, 2, 3, 4].map((at) => `info target is up again u${at}`),
    "warn more targets are down 1 1 unreachable (u499: connection refused)",
    "info more targets are up again 494",
  ]);
  expect(clock.pending).toBe(0);
});

test("what is left to say is said at the end", () => {
  const { log, clock, lines } = newLog();
  for (let at = 0; at < 6; at++) log.note(`u${at}`, down, good);
  lines();
  log.close();
  expect(lines()).toEqual(["warn more targets are down 1 1 unreachable (u5: connection refused)"]);
  expect(clock.pending).toBe(0);
});

test("refused targets are told of when they change", () => {
  const { log, lines } = newLog();
  const refused = [{ labels: ["job", "x"], refused: "the target has no __address__" }];
  log.noteRefused(refused);
  log.noteRefused(refused);
  expect(lines()).toEqual(['warn targets are refused cannot scrape {job="x"}: the target has no __address__']);
  log.noteRefused([]);
  log.noteRefused(refused);
  expect(lines().length).toBe(1);
});
