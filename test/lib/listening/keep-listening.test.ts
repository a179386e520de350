import { expect, test } from "vitest";
import { keepListening, type OpenPort } from "../../../src/lib/listening/keep-listening.ts";
import { ListenError } from "../../../src/lib/listening/listen-error.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";

function kept(open: () => Promise<OpenPort>) {
  const clock = new FakeClock();
  const logs: LogLine[] = [];
  const problems: (string | undefined)[] = [];
  const stop = new AbortController();
  const done = keepListening(
    open,
    {
      clock,
      random: () => 0.5,
      log: recordingLogger(logs),
      words: { down: "down", upAgain: "up again" },
      onProblem: (reason) => problems.push(reason),
    },
    stop.signal,
  );
  return { clock, logs, problems, stop, done };
}

const forever = new Promise<void>(() => {});

test("a port that cannot be had is tried again, told once, and closed at the stop", async () => {
  let tries = 0;
  let closed = 0;
  const it = kept(async () => {
    tries++;
    if (tries < 3) throw new ListenError("taken");
    return { ended: forever, close: async () => void closed++ };
  });
  await it.clock.advance(0);
  expect(it.problems).toEqual(["taken"]);
  await it.clock.advance(1000);
  await it.clock.advance(2000);
  expect(it.problems).toEqual(["taken", "taken", undefined]);
  expect(it.logs.map(({ level, message }) => `${level} ${message}`)).toEqual(["error down", "info up again"]);
  it.stop.abort();
  await it.done;
  expect([tries, closed]).toEqual([3, 1]);
});

test("a port that closes by itself is opened anew, and a bug is passed on", async () => {
  let tries = 0;
  const it = kept(async () => {
    tries++;
    const ended = tries === 1 ? Promise.resolve() : Promise.reject(new Error("BUG"));
    return { ended, close: async () => {} };
  });
  await expect(it.done).rejects.toThrow("BUG");
  expect(tries).toBe(2);
});
