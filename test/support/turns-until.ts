import type { FakeClock } from "./fake-clock.ts";

const limit = 200_000;

/**
 * Gives the event loop turns until `isReached`: for what hangs on real sockets, which no clock can turn.
 * Now and then `clock`, if there is one, is turned a little: slowly enough for a real disk.
 */
export async function turnsUntil(isReached: () => boolean, clock?: FakeClock): Promise<void> {
  for (let turn = 0; !isReached(); turn++) {
    if (turn === limit) throw new Error(`not reached within ${limit} turns: ${isReached}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (clock !== undefined && turn % 500 === 499) await clock.advance(10);
  }
}
