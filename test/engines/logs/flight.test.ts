import { expect, test } from "vitest";
import { Flight, Room } from "../../../src/engines/logs/flight.ts";
import { turnsUntil } from "../../support/turns-until.ts";

test("pieces follow one another while there is room, and are acknowledged in their order", async () => {
  const flight = new Flight(new Room(10));
  const deliveries = [1, 2, 3].map(() => Promise.withResolvers<boolean>());
  const acked: number[] = [];
  const added: number[] = [];
  const adding = (async () => {
    for (const [at, { promise }] of deliveries.entries()) {
      expect(await flight.add(promise, 5, () => acked.push(at))).toBe(true);
      added.push(at);
    }
  })();
  await turnsUntil(() => added.length === 1);
  deliveries[1]?.resolve(true);
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([added, acked]).toEqual([[0], []]);
  deliveries[0]?.resolve(true);
  await adding;
  expect([added, acked]).toEqual([
    [0, 1, 2],
    [0, 1],
  ]);
  deliveries[2]?.resolve(true);
  await flight.land();
  expect(acked).toEqual([0, 1, 2]);
});

test("once a piece is given up none behind it counts", async () => {
  const flight = new Flight(new Room(1));
  const acked: string[] = [];
  const lost = Promise.withResolvers<boolean>();
  const first = flight.add(lost.promise, 1, () => acked.push("lost"));
  const second = flight.add(Promise.resolve(true), 1, () => acked.push("behind"));
  lost.resolve(false);
  expect([await first, await second]).toEqual([false, false]);
  await flight.land();
  expect(acked).toEqual([]);
});

test("several sources share the room", async () => {
  const room = new Room(10);
  const [one, other] = [new Flight(room), new Flight(room)];
  const slow = Promise.withResolvers<boolean>();
  const full = one.add(slow.promise, 10, () => {});
  let isThere = false;
  const waiting = other
    .add(Promise.resolve(true), 1, () => {})
    .then(() => {
      isThere = true;
    });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThere).toBe(false);
  slow.resolve(true);
  await Promise.all([full, waiting]);
  expect(isThere).toBe(true);
});

test("a bug on the way comes out where the flight lands", async () => {
  const flight = new Flight(new Room(1));
  await flight.add(Promise.reject(new Error("BUG")), 1, () => {});
  await expect(flight.land()).rejects.toThrow("BUG");
});
