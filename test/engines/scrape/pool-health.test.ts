import { expect, test } from "vitest";
import { poolHealth } from "../../../src/engines/scrape/pool-health.ts";
import type { TargetStatus } from "../../../src/engines/scrape/scrape-pool.ts";
import { bad, good, status } from "./statuses.ts";

const refused = bad("unreachable", "connection refused");
const late = bad("timeout", "no complete answer within 5s");

test("a pool is ill when all of its targets are down, and says how many are in any case", () => {
  const f = (targets: readonly TargetStatus[], isHealthy: boolean, reason: string) =>
    expect(poolHealth(targets, [])).toMatchObject({ isHealthy, reason });

  f([], true, "");
  f([status("a:1")], true, "");
  f([status("a:1", good), status("b:1")], true, "");
  f([status("a:1", refused)], false, "cannot scrape http://a:1/metrics: connection refused");
  f(
    [status("a:1", good), status("b:1", refused)],
    true,
    "1 of 2 targets is down: 1 unreachable (http://b:1/metrics: connection refused)",
  );
  f(
    [status("a:1"), status("b:1", refused), status("c:1", refused)],
    true,
    "2 of 3 targets are down: 2 unreachable (http://b:1/metrics: connection refused)",
  );
  f(
    [status("a:1", late), status("b:1", refused), status("c:1", refused)],
    false,
    "all 3 targets are down: 2 unreachable (http://b:1/metrics: connection refused), " +
      "1 timeout (http://a:1/metrics: no complete answer within 5s)",
  );
});

test("three reasons are told of, the most frequent first, and the others counted", () => {
  const reasons = ["status", "content", "content", "timeout", "timeout", "timeout", "labels", "labels"] as const;
  const targets = reasons.map((reason, at) => status(`${at}:1`, bad(reason, "no")));
  expect(poolHealth([status("a:1", good), ...targets], []).reason).toBe(
    "8 of 9 targets are down: 3 timeout (http://3:1/metrics: no), 2 content (http://1:1/metrics: no), " +
      "2 labels (http://6:1/metrics: no), 1 for other reasons",
  );
});

test("a target that cannot even be tried makes the pool ill", () => {
  const first = { labels: ["job", "x"], refused: "the target has no __address__" };
  expect(poolHealth([status("a:1", good)], [first])).toEqual({
    isHealthy: false,
    reason: 'cannot scrape {job="x"}: the target has no __address__',
    counts: { up: 1, down: 0, unknown: 0, refused: 1 },
  });
  expect(poolHealth([status("a:1", late), status("b:1")], [first, first, first])).toEqual({
    isHealthy: false,
    reason:
      'cannot scrape {job="x"}: the target has no __address__ (and 2 more are refused); ' +
      "1 of 2 targets is down: 1 timeout (http://a:1/metrics: no complete answer within 5s)",
    counts: { up: 0, down: 1, unknown: 1, refused: 3 },
  });
});
