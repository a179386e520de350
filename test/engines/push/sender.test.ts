import { expect, test } from "vitest";
import type { Outcome } from "../../../src/engines/push/push-client.ts";
import { Sender } from "../../../src/engines/push/sender.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const delivered: Outcome = { kind: "delivered" };
const retry: Outcome = { kind: "retry", reason: "busy" };
const park: Outcome = { kind: "park", status: 401, reason: "who are you" };

/** Sends blocks 1, 2, … to an endpoint whose answers are `outcomes`, the last one for ever. */
function sending(blocks: number, outcomes: Outcome[]) {
  const clock = new FakeClock();
  const signals = { drain: new AbortController(), retire: new AbortController(), giveUp: new AbortController() };
  const attempts: string[] = [];
  let first = 1;
  const sender = new Sender({
    source: {
      async peek(stop) {
        if (first <= blocks) {
          return { sequence: first, payload: Uint8Array.of(first), records: 1, maxTimestamp: 0 };
        }
        await new Promise((resolve) => (stop.aborted ? resolve(0) : stop.addEventListener("abort", resolve)));
        return undefined;
      },
      ack: (sequence) => {
        first = sequence + 1;
      },
    },
    push: ({ payload: [block] }, retries) => {
      attempts.push(`${clock.monotonic()}: block ${block} retry ${retries}`);
      return Promise.resolve((outcomes.length > 1 ? outcomes.shift() : outcomes[0]) ?? delivered);
    },
    minBackoffMs: 100,
    maxBackoffMs: 1000,
    clock,
    random: () => 0.5,
  });
  const ended = sender.run({
    drain: signals.drain.signal,
    retire: signals.retire.signal,
    giveUp: signals.giveUp.signal,
  });
  return { clock, signals, attempts, ended, left: () => blocks + 1 - first };
}

test("delays double up to the longest, and begin anew after a success", async () => {
  const { clock, attempts, signals, ended } = sending(2, [
    retry,
    retry,
    retry,
    retry,
    retry,
    retry,
    delivered,
    retry,
    delivered,
  ]);
  await clock.advance(10_000);
  expect(attempts).toEqual([
    "0: block 1 retry 0",
    "100: block 1 retry 1",
    "300: block 1 retry 2",
    "700: block 1 retry 3",
    "1500: block 1 retry 4",
    "2500: block 1 retry 5",
    "3500: block 1 retry 6",
    "3500: block 2 retry 0",
    "3600: block 2 retry 1",
  ]);
  signals.drain.abort();
  await ended;
});

test("a wait that the endpoint asks for takes the place of the delay", async () => {
  const { clock, attempts, signals, ended } = sending(1, [{ ...retry, afterMs: 5000 }, retry, delivered]);
  await clock.advance(10_000);
  expect(attempts.map((text) => text.split(":")[0])).toEqual(["0", "5000", "5200"]);
  signals.drain.abort();
  await ended;
});

test("a parked endpoint is asked after half a minute, then ever later, at most every five minutes", async () => {
  const { clock, attempts, signals, ended } = sending(1, [park]);
  await clock.advance(20 * 60_000);
  expect(attempts.map((text) => Number(text.split(":")[0]) / 1000)).toEqual([0, 30, 90, 210, 450, 750, 1050]);
  signals.giveUp.abort();
  await ended;
});

test("draining sends what is left and waits for an endpoint that is busy", async () => {
  const { clock, signals, ended, left } = sending(3, [retry, retry, delivered]);
  signals.drain.abort();
  await clock.advance(1000);
  await ended;
  expect(left()).toBe(0);
});

test("draining asks a parked endpoint once more and does not wait for it", async () => {
  const { clock, signals, attempts, ended, left } = sending(1, [park]);
  await clock.advance(1000);
  signals.drain.abort();
  await ended;
  expect([attempts.length, left(), clock.pending]).toEqual([2, 1, 0]);
});

test("retiring ends without another attempt", async () => {
  const { clock, signals, attempts, ended, left } = sending(1, [retry]);
  await clock.advance(50);
  signals.retire.abort();
  await ended;
  expect([attempts.length, left(), clock.pending]).toEqual([1, 1, 0]);
});
