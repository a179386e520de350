const limit = 200_000;

/** Gives the event loop turns until `isReached`: for what hangs on real sockets, which no clock can turn. */
export async function turnsUntil(isReached: () => boolean): Promise<void> {
  for (let turn = 0; !isReached(); turn++) {
    if (turn === limit) throw new Error(`not reached within ${limit} turns: ${isReached}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
