import { beforeAll, describe, expect, test } from "vitest";
import { logStates, type Passage, passState } from "../support/log-states.ts";
import { manyFiles, readingCases } from "../support/reading-cases.ts";
import { rotationCases } from "../support/rotation-cases.ts";

/** Another number by environment: 20,000 are for a machine that has nothing else to do. */
const files = Number(process.env.SONDE_LOG_FILES ?? 1_000);

const cases = [...rotationCases, ...readingCases, manyFiles(files)];
const passages = new Map<string, Passage>();

// Five agents at a time, each with all of the cases: what takes long is to wait for their snapshots.
beforeAll(async () => {
  const passed = logStates.map(async (state) => passages.set(state.name, await passState(state, cases)));
  // No agent is left behind where one of them fails.
  for (const result of await Promise.allSettled(passed)) if (result.status === "rejected") throw result.reason;
});

describe.each(logStates)("while $name", ({ name, kills = 0 }) => {
  test.each(cases)("nothing is lost or repeated: $name", (one) => {
    const { lost, strange, repeated, mayRepeat } = passages.get(name)!.outcomes.get(one)!;
    expect({ lost, strange }).toEqual({ lost: [], strange: [] });
    expect(repeated).toBeLessThanOrEqual(mayRepeat);
  });

  test("the agent counts nothing as lost", () => {
    expect(passages.get(name)?.lostBytes).toBe(0);
  });

  test.skipIf(kills > 0)("no request is sent again that the receiver has", () => {
    expect(passages.get(name)?.requestsTwice).toBe(0);
  });
});
